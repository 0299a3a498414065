package session_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
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

func withLimits(l session.Limits) option { return func(c *session.Config) { c.Limits = l } }

// machine is the model and the hands that move the real thing along with it.
type machine struct {
	rt          *rapid.T
	t           *testing.T
	site        *site
	generations [][2]*site
	generation  int
	now         time.Duration // since the beginning
	unseen      bool          // nobody looks before the next action
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
}

// modelCustomer is all a customer is, and the provider's session of theirs.
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

// standing is what a request's tag means when it arrives.
type standing int

const (
	stranger standing = iota
	live
	goesOn // an anonymous session past its absolute limit alone: its cart goes on under a new tag
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
	gate       gate
	done       chan *http.Response
}

// open reports whether there was something to sign in from, or to sign out of.
func (f *flight) open() bool { return f.standing == live || f.standing == goesOn }

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

// wear gives a browser the tag of a session.
func (m *machine) wear(b *modelBrowser, s *modelSession) { b.session, b.signed = s, m.generation }

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
	case s.customer == "" && s.ended == session.Absolute && s.hasCart && m.now-s.lastUsed < s.idle():
		f.standing = goesOn
	case m.now-s.endedAt < lateWindow:
		f.standing = late
	}
	f.view = m.view(f)
	return f
}

// toRecord reports whether a slow answer is still to record a use of the browser's session: a look
// would record it before.
func (m *machine) toRecord(b *modelBrowser) bool {
	return slices.ContainsFunc(m.flights, func(f *flight) bool { return f.browser == b && f.stale && f.key == "" })
}

// view is the page that a request is shown.
func (m *machine) view(f *flight) string {
	customer, units, values, why := "", 0, map[string]string{}, session.Reason("")
	switch s := f.session; {
	case f.standing == live:
		customer, units, values = s.customer, *m.cart(s), maps.Clone(s.values)
	case f.standing == goesOn:
		units = s.units
	case s != nil:
		why = s.ended
	}
	values[f.key] = f.value
	return fmt.Sprintf("customer=%s units=%d late=%v a=%s b=%s why=%s",
		customer, units, f.standing == late, values["a"],
		values["b"], why)
}

// wantView compares an answer with the view, and goes on to what the answer leaves behind.
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
		if f.key != "" {
			s.values[f.key] = f.value
		}
		if f.key != "" || f.stale && m.now-s.lastUsed > min(useInterval, s.idle()/30) {
			s.lastUsed = m.now
		}
		if f.older || a.tag != nil && s.customer == "" { // a visitor's tag is sent again with each recorded use
			b.session, b.signed = s, f.generation
		}
	case goesOn:
		if s.ended == session.Absolute && s.hasCart {
			units := s.units
			s.end(session.Rotated, m.now)
			m.leaveNew(f, &modelSession{units: units, hasCart: true})
		}
	case stranger:
		if f.key != "" {
			m.leaveNew(f, &modelSession{})
		}
	}
}

func (m *machine) leaveNew(f *flight, s *modelSession) {
	s.absolute = m.now + modelLimits.AnonymousAbsolute
	f.browser.session, f.browser.signed = m.newSession(s), f.generation
	if f.key != "" {
		s.values[f.key] = f.value
	}
}

// handOn ends the session that a customer signs in from. Of a visitor's the cart goes on.
func (m *machine) handOn(f *flight, who string) {
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

// index draws one of n evenly; rapid's own generators prefer the first ones.
func (m *machine) index(label string, n int) int {
	return draw(m, label, n, func(i int) int { return i })
}

func pick[T any](m *machine, label string, from ...T) T {
	return draw(m, label, len(from), func(i int) T { return from[i] })
}

func draw[T any](m *machine, label string, n int, value func(i int) T) T {
	return rapid.Custom(func(t *rapid.T) T {
		drawn := 0
		for range 10 {
			drawn <<= 1
			if rapid.Bool().Draw(t, "") {
				drawn++
			}
		}
		return value(drawn % n)
	}).Draw(m.rt, label)
}

func (m *machine) someSite() *site { return m.generations[m.generation][m.index("replica", 2)] }

func (m *machine) some() *modelBrowser {
	b := m.browsers[m.index("browser", len(m.browsers))]
	b.site = m.someSite()
	return b
}

// someone is mostly the same one, so that they come to have many sessions.
func (m *machine) someone() string { return pick(m, "who", "alice", "alice", "bob") }

// live counts the sessions that the database calls live: nobody's, Alice's and Bob's.
func (m *machine) live() (counts string) {
	err := m.site.pool.QueryRow(m.t.Context(), `
		SELECT concat_ws(' ', count(*) FILTER (WHERE c.name IS NULL), count(*) FILTER (WHERE c.name = 'alice'),
			count(*) FILTER (WHERE c.name = 'bob'))
		FROM sessions s LEFT JOIN customers c ON c.id = s.customer_id WHERE live(s)`).Scan(&counts)
	if err != nil {
		m.t.Fatal(err)
	}
	return counts
}

func (m *machine) unique() string {
	m.made++
	return fmt.Sprint("unique-", m.made)
}

// provider is the clock of the provider.
func provider(now time.Duration) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(now)
}

// releaseAll lets what is still in flight finish before the next round.
func (m *machine) releaseAll() {
	for _, f := range m.flights {
		close(f.gate.release)
		<-f.done
	}
}
