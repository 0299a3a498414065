package session_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"hookandtag.example/shop/internal/session"
)

// standing is what a request's tag means when it arrives.
type standing int

const (
	noSession standing = iota
	live
	replaceable // an anonymous session past its absolute limit alone: a new tag keeps its cart
	late
)

// flight is one request. It holds the state at its arrival. What it writes counts when its
// answer leaves, and only in a session that lives then.
type flight struct {
	browser    *modelBrowser
	session    *modelSession
	standing   standing
	refused    bool // the tag's key is retired
	older      bool // it is the last key but one: the tag is to be signed again
	stale      bool // the use is due to be recorded
	generation int
	view       string
	key, value string // what it puts; "": it reads
	unchanged  bool   // the session holds the value already: the put counts as a read
	gate       gate
	done       chan *http.Response
}

// open reports whether there was something to sign in from, or to sign out of.
func (f *flight) open() bool { return f.standing == live || f.standing == replaceable }

// arrive says what a request's tag means now.
func (m *machine) arrive(b *modelBrowser, key, value string) *flight {
	m.settle()
	s := b.session
	if s != nil {
		m.old = append(m.old, modelTag{b.tag, s, b.signed})
	}
	f := &flight{browser: b, session: s, generation: m.generation, key: key, value: value}
	f.refused = s != nil && b.signed < m.generation-1
	f.older = b.signed < m.generation
	switch {
	case s == nil || f.refused:
		f.session = nil
	case s.live():
		f.standing, f.stale = live, m.now-s.lastUsed > min(useInterval, s.idle()/30)
		f.unchanged = key != "" && s.values[key] == value
	case s.customer == "" && s.ended == session.Absolute && s.hasCart && m.now-s.lastUsed < s.idle():
		f.standing = replaceable
	case s.ended != session.Idle && s.ended != session.Absolute && m.now-s.endedAt < lateWindow:
		f.standing = late
	}
	f.view = m.view(f)
	return f
}

// toRecord reports whether a slow answer is still to record a use of the browser's session: a look
// would record it before.
func (m *machine) toRecord(b *modelBrowser) bool {
	return slices.ContainsFunc(m.flights,
		func(f *flight) bool { return f.browser == b && f.stale && (f.key == "" || f.unchanged) })
}

// view is the page that a request is shown.
func (m *machine) view(f *flight) string {
	customer, units, values, why := "", 0, map[string]string{}, session.Reason("")
	switch s := f.session; {
	case f.standing == live:
		customer, units, values = s.customer, *m.cart(s), maps.Clone(s.values)
	case f.standing == replaceable:
		units = s.units
	case s != nil:
		why = s.ended
	}
	values[f.key] = f.value
	return fmt.Sprintf("customer=%s units=%d late=%v a=%s b=%s why=%s",
		customer, units, f.standing == late, values["a"],
		values["b"], why)
}

// wantView compares an answer with the view, then applies what the answer leaves behind.
func (m *machine) wantView(f *flight, a answer) {
	before, rest, _ := strings.Cut(a.body, " cart=")
	if _, rest, _ = strings.Cut(rest, " "); before+" "+rest != f.view {
		m.rt.Fatalf("browser %d sees %d %q; want %q", slices.Index(m.browsers[:], f.browser), a.status, a.body, f.view)
	}
	m.leave(f, a)
}

// leave is what an answer leaves behind: a use recorded, a value put, a cart gone on, and a tag in
// the jar.
func (m *machine) leave(f *flight, a answer) {
	s, b := f.session, f.browser
	switch f.standing {
	case live:
		if !s.live() {
			return
		}
		put := f.key != "" && !f.unchanged
		if put {
			s.values[f.key] = f.value
		}
		if put || f.stale && m.now-s.lastUsed > min(useInterval, s.idle()/30) {
			s.lastUsed = m.now
		}
		if f.older || a.tag != nil && s.customer == "" { // a visitor's tag is sent again with each recorded use
			b.session, b.signed = s, f.generation
		}
	case replaceable:
		if s.ended == session.Absolute && s.hasCart {
			units := s.units
			s.end(session.Rotated, m.now)
			s.next = m.leaveNew(f, &modelSession{units: units, hasCart: true})
		}
	case noSession:
		if f.key != "" {
			m.leaveNew(f, &modelSession{})
		}
	}
}

func (m *machine) leaveNew(f *flight, s *modelSession) *modelSession {
	s.absolute = m.now + modelLimits.AnonymousAbsolute
	f.browser.session, f.browser.signed = m.newSession(s), f.generation
	if f.key != "" {
		s.values[f.key] = f.value
	}
	return s
}
