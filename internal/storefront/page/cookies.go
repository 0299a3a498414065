package page

import "time"

// Cookies lists every cookie the shop sets, how long it lives, and why. The times are
// the running shop's settings.
type Cookies struct {
	Layout
	// TagName is the tag's name: __Host-tag, or tag over plain http.
	TagName string
	// AttemptName is the name of an attempt's cookie as far as it is always the same.
	AttemptName string

	Idle, Absolute                   time.Duration // signed in
	AnonymousIdle, AnonymousAbsolute time.Duration
	Attempt                          time.Duration
}

func (*Cookies) template() string { return "cookies" }
