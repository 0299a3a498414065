package page

import "time"

// Cookies lists every cookie the shop sets, how long it lives, and why.
type Cookies struct {
	Layout
	// TagName is the tag's name: __Host-tag, or tag over plain http.
	TagName string
	// AttemptName is the prefix of the names of sign-in attempts' cookies.
	AttemptName string
	// LessonsName is the name of the tutorial's cookie; empty where the tutorial is off.
	LessonsName string
	// NoticeName is the name of the cookie that names what was just done to the next page.
	NoticeName string
	// PendingFormName and AskName are the names of the two rarest cookies.
	PendingFormName, AskName string

	Idle, Absolute                    time.Duration // signed in
	AnonymousIdle, AnonymousAbsolute  time.Duration
	Notice, Attempt, PendingForm, Ask time.Duration
}

func (*Cookies) template() string { return "cookies" }

// CookieRow is one cookie in plain words.
type CookieRow struct{ Name, When, Life, Why string }

// Rows are all cookies of the shop; those without a name are left out.
func (c *Cookies) Rows() []CookieRow {
	all := []CookieRow{
		{c.TagName, "When you put the first thing in your cart", lasting(c.AnonymousIdle) + " after your last visit",
			"Your tag: it leads back to your cart."},
		{c.TagName, "When you sign in; it takes the place of the other", "Until you sign out or close the browser",
			"Your tag as a customer: cart, checkout, orders."},
		{c.NoticeName, "When something you do leads to another page",
			"Until the next page has said so, at most " + lasting(c.Notice),
			"Names in one word what happened, so that the next page can say it."},
		{c.AttemptName + "…", "When you begin to sign in or to create an account",
			lasting(c.Attempt) + ", or until you are back",
			"Proves that the answer of the sign-in service belongs to this browser. One for each tab in which you sign in, " +
				"five at most."},
		{c.PendingFormName, "When you send a form for which you must sign in again", lasting(c.PendingForm),
			"Keeps what you typed, sealed, until you have signed in again."},
		{c.AskName, "When you sign out, end another device, or come back with a sign-in from before that",
			"Until the sign-in service has signed you out or asked you again, at most " + lasting(c.Ask),
			"As long as it is there, the next sign-in asks who you are."},
		{c.LessonsName, "When you open a lesson", "90 days after you last did",
			"Remembers, sealed, which steps and questions you have done."},
	}
	var rows []CookieRow
	for _, row := range all {
		if row.Name != "" && row.Name != "…" {
			rows = append(rows, row)
		}
	}
	return rows
}
