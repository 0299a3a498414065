package lab

import (
	"maps"
	"net/http"
	"strconv"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

var saving = &lesson{
	number: 10, title: "When to write",
	weakness: "Every visitor gets a session, every request saves all of it, every answer sends the cookie again.",
	defences: []mallory.Defence{
		{Key: "lazy", Text: "A session begins with the first thing worth keeping"},
		{Key: "atomic", Text: "A change writes what changed, reading writes nothing, and what has ended stays ended"},
		{Key: "quiet", Text: "The cookie is sent when it changes"},
	},
	weaken: func(x *exhibit) {
		x.headers = x.saveAndResend
		if x.on["atomic"] || x.on["quiet"] {
			x.headers = x.sendWhatChanged
		}
		if !x.on["lazy"] {
			x.find = x.findOrBegin
		}
		if !x.on["atomic"] {
			x.add = x.addAndSaveAll
		}
	},
}

// findOrBegin makes a session for every visitor: saveUninitialized.
func (x *exhibit) findOrBegin(r *http.Request) *session {
	if s := x.findByCookie(r); s != nil {
		return s
	}
	s := x.begin(x.newID())
	s.mallory = byMallory(r)
	return s
}

// addAndSaveAll reads the whole session, changes its copy and saves all of it: the last save wins.
func (x *exhibit) addAndSaveAll(s *session, sku string, meetings int) {
	mine := *s
	mine.cart = maps.Clone(s.cart)
	x.meet(meetings) // the other request reads the same session now, or ends it
	mine.cart[sku] = min(mine.cart[sku]+1, maxUnits)
	x.save(&mine)
}

// saveAndResend saves the session and sends its cookie at every request: resave and rolling.
func (x *exhibit) saveAndResend(w http.ResponseWriter, _ *http.Request, s *session) {
	if s != nil {
		x.save(s)
		x.give(w, s)
	}
}

// sendWhatChanged leaves out what is switched off: the save, the cookie, or both.
func (x *exhibit) sendWhatChanged(w http.ResponseWriter, r *http.Request, s *session) {
	if s == nil {
		return
	}
	if !x.on["atomic"] {
		x.save(s)
	}
	if !x.on["quiet"] || s.id != x.sessionValue(r) {
		x.give(w, s)
	}
}

// meetingLimit is how long a request waits for the one it shall overlap.
const meetingLimit = 2 * time.Second

// meet waits, unlocked, until a second request stands at the same place, so many times.
func (x *exhibit) meet(times int) {
	gate := x.gate
	x.mu.Unlock()
	defer x.mu.Lock()
	for range min(times, 2) {
		select {
		case gate <- struct{}{}:
		case <-gate:
		case <-time.After(meetingLimit):
		}
	}
}

// meetings is how often a request is to meet another.
func meetings(r *http.Request) int {
	n, _ := strconv.Atoi(r.PostFormValue("meet"))
	return n
}
