package learn

import (
	"fmt"

	"hookandtag.example/shop/internal/session"
)

// sentence says what an exchange did to cookie and row.
func (x exchange) sentence() string {
	if x.press != "" {
		return x.press
	}
	for _, e := range x.Events {
		if text := x.eventSentence(e); text != "" {
			return text
		}
	}
	switch {
	case x.tag() == "gone":
		return "The shop asked the browser to throw its tag away."
	case x.tag() == "new":
		return "A new tag for your browser."
	case x.Got != nil:
		return "Same tag, same row. The use was recorded, and the browser may keep the tag longer."
	case x.Sent == "":
		return "You looked around: no tag, no row."
	case x.Method == "POST" && x.Path == "/login":
		return "Same tag, same row: you set off for the sign-in service."
	case x.Method == "POST" && x.Location == "": // what the shop accepts leads to a page
		return "Same tag, same row: the shop refused that press, and nothing changed."
	case x.Method == "POST":
		return "Same tag, same row: the cart or the shop changed, not the row."
	}
	if x.used {
		return "Same tag, same row: you looked. The use was recorded."
	}
	return "Same tag, same row: you only looked."
}

func (x exchange) eventSentence(e session.Event) string {
	switch e.Name {
	case session.EventCreated:
		return x.began()
	case session.EventEnded:
		return endings[e.Reason]
	case session.EventExpired:
		return fmt.Sprintf("Your tag came too late: the row is past its %s limit, and it is closed now.", e.Reason)
	case session.EventUsedAfterEnd:
		return fmt.Sprintf("That tag opens nothing: its row ended before (%s).", words[e.Reason])
	case session.EventTagRefused:
		if e.Refusal == session.UnknownTag {
			return "That tag is signed by us, but there is no row for it. It opens nothing."
		}
		return "That tag is not one of ours (" + string(e.Refusal) + "). It was refused before the database was asked."
	}
	return ""
}

// began distinguishes a first session from one that takes the place of another.
func (x exchange) began() string {
	for _, e := range x.Events {
		if e.Name == session.EventEnded && e.Reason == session.Rotated {
			return fmt.Sprintf("New tag, new row. The old row, %s, is closed (went on under a new tag); "+
				"only the cart came along.", x.Sent)
		}
	}
	if x.Path == "/auth/callback" {
		return "You signed in: new tag, new row."
	}
	return "New tag, new row: the first thing worth keeping."
}

var endings = map[session.Reason]string{
	session.SignedOut: "You signed out: the row is closed first, then the browser throws the tag away.",
	session.Forgotten: "Forgotten: the row is closed, the cart is gone, and the browser throws the tag away.",
	session.Revoked:   "A session of yours on another device is closed. Its tag opens nothing from now on.",
	session.Excess:    "You had too many sessions: the oldest is closed.",
}

// words are the reasons a session ends for, as pages say them.
var words = map[session.Reason]string{
	session.Idle: "not used for too long", session.Absolute: "the sign-in was too old", session.SignedOut: "signed out",
	session.Revoked: "ended from another device", session.Excess: "one of too many",
	session.BackChannel: "ended by the sign-in service",
	session.Rotated:     "went on under a new tag", session.Forgotten: "forgotten on request",
}
