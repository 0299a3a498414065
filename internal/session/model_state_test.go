package session_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/session"
)

var modelLimits = session.Limits{Idle: 30 * time.Minute, Absolute: 200 * time.Minute, AnonymousIdle: 100 * time.Minute,
	AnonymousAbsolute: 110 * time.Minute, PerOwner: 2}

// The limits that the documents promise, repeated here because the code's could be wrong.
const (
	lateWindow   = 60 * time.Second // after its end a tag's request is late, and changes nothing
	useInterval  = 60 * time.Second // a use is recorded so often, or each thirtieth of the idle limit
	logoutMarked = 30 * time.Minute // a logout holds so long against sign-ins in progress
)

// machine is the model, and makes the real sites do what it does.
type machine struct {
	rt          *rapid.T
	t           *testing.T
	site        *site
	generations [][2]*site
	generation  int
	now         time.Duration // since the beginning
	unseen      bool          // no browser looks before the next action
	steps, made int
	sessions    []*modelSession // in the order they were begun
	browsers    [3]*modelBrowser
	customers   map[string]*modelCustomer
	flights     []*flight
	marks       []mark
	logouts     []session.Logout
	old         []modelTag
}

// modelSession is all a session is.
type modelSession struct {
	customer string // "": anonymous
	sid      string
	units    int // in the anonymous cart
	hasCart  bool
	values   map[string]string
	born     time.Duration
	lastUsed time.Duration
	absolute time.Duration
	ended    session.Reason
	endedAt  time.Duration
	next     *modelSession // the session that replaced it
}

// modelCustomer is all a customer is, and their session at the provider.
type modelCustomer struct {
	units    int
	known    bool // has signed in before
	disabled bool
	revoked  time.Duration // when sessions were last taken away; 0: never
	proved   time.Duration
	sid      string
}

// mark is a logout by the provider.
type mark struct {
	who, sid   string // "": any
	issued, at time.Duration
}

// modelTag is a tag, the session behind it and the generation of keys that signed it.
type modelTag struct {
	tag     string
	session *modelSession
	signed  int
}

type modelBrowser struct {
	*browser
	session *modelSession // behind the tag in the jar
	signed  int
}

func (s *modelSession) live() bool { return s.ended == "" }

func (s *modelSession) idle() time.Duration {
	if s.customer == "" {
		return modelLimits.AnonymousIdle
	}
	return modelLimits.Idle
}

// end is final, but that a cart past the absolute limit may still be handed on or forgotten.
func (s *modelSession) end(why session.Reason, at time.Duration) {
	s.ended, s.endedAt, s.hasCart = why, at, false
}

// settle ends every session that time has ended.
func (m *machine) settle() {
	for _, s := range m.sessions {
		idleAt := s.lastUsed + s.idle()
		if !s.live() || m.now < min(idleAt, s.absolute) {
			continue
		}
		if s.ended, s.endedAt = session.Idle, idleAt; s.absolute <= idleAt {
			s.ended, s.endedAt = session.Absolute, s.absolute
		}
	}
}

func (m *machine) newSession(s *modelSession) *modelSession {
	s.born, s.lastUsed, s.values = m.now, m.now, map[string]string{}
	m.sessions = append(m.sessions, s)
	return s
}

// give gives a browser the tag of a session.
func (m *machine) give(b *modelBrowser, s *modelSession) { b.session, b.signed = s, m.generation }

// latest follows replacements to the last session.
func (s *modelSession) latest() *modelSession {
	for s.next != nil {
		s = s.next
	}
	return s
}

// endReplaced ends the session that a customer signs in from. The customer gets the cart of an
// anonymous one.
func (m *machine) endReplaced(f *flight, who string, next *modelSession) {
	if !f.open() {
		return
	}
	why := session.Rotated
	switch c := m.customers[who]; f.session.customer {
	case "":
		c.units = max(c.units, f.session.units)
	case who:
	default:
		why = session.SignedOut
	}
	f.session.next = next
	f.session.end(why, m.now)
}

func (m *machine) endExcess(who string) {
	for mine := m.of(who); len(mine) > modelLimits.PerOwner; mine = mine[1:] {
		mine[0].end(session.Excess, m.now)
	}
}

// of are a customer's live sessions, the oldest first.
func (m *machine) of(who string) (mine []*modelSession) {
	m.settle()
	for _, s := range m.sessions {
		if s.live() && s.customer == who {
			mine = append(mine, s)
		}
	}
	return mine
}

func everyone(*modelSession) bool { return true }

// revoke takes some of a customer's sessions away.
func (m *machine) revoke(who string, which func(*modelSession) bool) (n int) {
	m.customers[who].revoked = m.now
	for _, s := range m.of(who) {
		if which(s) {
			s.end(session.Revoked, m.now)
			n++
		}
	}
	return n
}

// refusal is why a customer may not sign in by the authentication they have: a word of the page, or
// "".
func (m *machine) refusal(who string) string {
	c := m.customers[who]
	for _, k := range m.marks {
		one := k.sid != "" && k.sid == c.sid && (k.who == "" || k.who == who)
		all := (k.sid == "" || c.sid == "") && k.who == who
		if (one || all) && k.issued >= m.now && m.now-k.at < logoutMarked {
			return "signed out"
		}
	}
	switch {
	case c.disabled:
		return "disabled"
	case c.revoked > c.proved:
		return "revoked"
	}
	return ""
}

// sids are the provider's sessions behind ours, the ended ones too.
func (m *machine) sids() (sids []string) {
	for _, s := range m.sessions {
		if s.sid != "" {
			sids = append(sids, s.sid)
		}
	}
	return sids
}

// cart is where a session's units are counted.
func (m *machine) cart(s *modelSession) *int {
	if s.customer != "" {
		return &m.customers[s.customer].units
	}
	return &s.units
}

func (m *machine) pass(d time.Duration) {
	m.site.pass(d)
	m.now += d
}

func (m *machine) rotate() { m.generation = min(m.generation+1, len(m.generations)-1) }
