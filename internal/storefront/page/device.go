package page

import (
	"strings"
	"time"
)

// Devices is the list of places a customer is signed in, with a button to end each but this one.
type Devices struct {
	Layout
	Devices []Device
	// Most is how many there can be; at the next sign-in beyond it the oldest ends.
	Most int
	// RecentSignIn says that ending one needs no further authentication just now.
	RecentSignIn bool
}

func (*Devices) template() string { return "devices" }

// Others reports whether there is any besides this one.
func (p *Devices) Others() bool { return len(p.Devices) > 1 }

// Device is one place a customer is signed in.
type Device struct {
	// Handle names it in the address of its button; it opens nothing.
	Handle string
	// Browser is browser and system in words.
	Browser         string
	Since, LastUsed time.Time
	Current         bool
}

// Confirm asks a customer who is signed in to prove once more who they are, before something that
// matters.
type Confirm struct {
	Layout
	ReturnTo string
	Failure  Failure
	// Age is how long the authentication then counts as recent.
	Age time.Duration
}

func (*Confirm) template() string { return "confirm" }

// browsers and systems are looked for in this order: many browsers also name the ones they descend
// from.
var (
	browsers = []struct{ token, name string }{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Chromium/", "Chromium"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systems = []struct{ token, name string }{
		{"iPhone", "an iPhone"}, {"iPad", "an iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Macintosh", "a Mac"},
		{"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}
)

// BrowserName is what a browser says of itself, in words a shopper knows. It may be a lie and
// decides nothing.
func BrowserName(userAgent string) string {
	browser, system := "A browser", ""
	for _, b := range browsers {
		if strings.Contains(userAgent, b.token) {
			browser = b.name
			break
		}
	}
	for _, s := range systems {
		if strings.Contains(userAgent, s.token) {
			system = " on " + s.name
			break
		}
	}
	return browser + system
}
