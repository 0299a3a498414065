package mallory

import (
	"slices"
	"time"
)

// State is how an exhibit of the twin describes itself: GET /{bench}/{lesson}/state.
type State struct {
	Defences []Defence `json:"defences"`

	Rows    []Row `json:"rows"`    // the twin's sessions
	Lookups int   `json:"lookups"` // times the store was asked for a session
	Writes  int   `json:"writes"`  // times a session was saved
	Cookies int   `json:"cookies"` // Set-Cookie headers sent

	CookieLife time.Duration `json:"cookie_life"` // the cookie's Max-Age; 0: until the browser closes

	Issued  []Issued `json:"issued"`  // the last cookies handed out, in full, the newest first
	Mailbox []string `json:"mailbox"` // what pages sent to Mallory, the newest first
	Events  []Event  `json:"events"`  // what happened, the newest first
}

// Defence is one switch of an exhibit.
type Defence struct {
	Key  string `json:"key"`
	Text string `json:"text"`
	On   bool   `json:"on"`
}

// IsOn reports whether a defence is on.
func (s State) IsOn(defence string) bool {
	return slices.ContainsFunc(s.Defences, func(d Defence) bool { return d.Key == defence && d.On })
}

// Row is one session in the twin's store.
type Row struct {
	User  string `json:"user"`
	Units int    `json:"units"` // things in the cart
}

// Issued is a cookie the twin handed out.
type Issued struct {
	Value string `json:"value"`
	User  string `json:"user"` // "" when handed to a stranger, "Mallory" to her
}

// Event is something that happened in an exhibit.
type Event struct {
	At   time.Time `json:"at"`
	Kind Kind      `json:"kind"`
	User string    `json:"user"` // who was signed in; "" for a stranger, and where it does not matter
	Text string    `json:"text"`
}

// Kind says what happened, for steps that tick themselves.
type Kind string

// The kinds of events.
const (
	EventPlanted   Kind = "planted"    // a browser took an id from an address
	EventIssued    Kind = "issued"     // a cookie was handed out
	EventAdded     Kind = "added"      // something went into a cart
	EventRode      Kind = "rode"       // a script put something into a cart
	EventSignedIn  Kind = "signed-in"  // someone signed in
	EventSignedOut Kind = "signed-out" // someone signed out
	EventPosted    Kind = "posted"     // a prepared review was posted
	EventMail      Kind = "mail"       // Mallory got mail
	EventRefused   Kind = "refused"    // a defence refused something
	EventStolen    Kind = "stolen"     // Mallory opened somebody else's session
	EventSwitched  Kind = "switched"   // a defence went on or off
	EventAged      Kind = "aged"       // the exhibit's clock was moved
	EventLost      Kind = "lost"       // a session or an update was lost
	EventWire      Kind = "wire"       // bytes went over the wire, or through Mallory's hands
)

// Wire is one connection as the wiretap saw it.
type Wire struct {
	At     time.Time `json:"at"`
	TLS    bool      `json:"tls"`
	Up     int       `json:"up"`     // bytes the client sent
	Text   string    `json:"text"`   // the first bytes the client sent, with dots for what is not text
	Cookie string    `json:"cookie"` // the session cookie's value found in the bytes; "" if none could be read
}
