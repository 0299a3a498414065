package session_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// TestSessionsBehaveLikeTheModel lets three browsers, two replicas, a provider, an operator and time do anything in any order, and compares every
// browser's view with a model small enough to be believed. What must hold, whatever happens:
//
//   - An ended session never comes back, and an old tag opens nothing.
//   - Nobody is signed in who should not be, and nobody is signed out who should not be; an outage does neither.
//   - No unit put into a cart is lost, and none appears.
//   - Both replicas say the same.
func TestSessionsBehaveLikeTheModel(t *testing.T) {
	t.Parallel()
	s := open(t, withLimits(modelLimits))
	s.exec(`INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, price, stock) VALUES ('ONE', 'one', 'One', 'hats', '', '', 'hat', 'plain', 'felt', 100, 1000)`)
	keys := []string{firstKey, secondKey, "third-key-third-key-third-key-third-key"}
	var generations [][2]*site // by how often the keys were rotated: two replicas that sign with the newest key and take the one before
	for g := range keys {
		ring := []string{keys[g]}
		if g > 0 {
			ring = append(ring, keys[g-1])
		}
		generations = append(generations, [2]*site{s.replica(withKeys(ring...), withLimits(modelLimits)), s.replica(withKeys(ring...), withLimits(modelLimits))})
	}
	rapid.Check(t, func(rt *rapid.T) {
		s.exec(`TRUNCATE sessions, carts, customers, logout_marks, used_logout_tokens RESTART IDENTITY CASCADE`)
		m := &machine{rt: rt, t: t, site: s, generations: generations, carts: map[string]int{}}
		for i := range m.browsers {
			m.browsers[i] = &modelBrowser{browser: s.browser()}
		}
		rt.Repeat(rapid.StateMachineActions(m))
	})
}

var modelLimits = session.Limits{Idle: 30 * time.Minute, Absolute: 5 * time.Hour, AnonymousIdle: 2 * time.Hour, AnonymousAbsolute: 8 * time.Hour, PerCustomer: 2}

func withLimits(l session.Limits) option { return func(c *session.Config) { c.Limits = l } }

// machine is the model and the hands that move the real thing along with it.
type machine struct {
	rt          *rapid.T
	t           *testing.T
	site        *site
	generations [][2]*site
	generation  int
	now         time.Duration // since the beginning
	born        int
	sessions    []*modelSession
	browsers    [3]*modelBrowser
	carts       map[string]int // units by customer
	old         []modelTag
}

// modelSession is all a session is.
type modelSession struct {
	number   int
	customer string // "": anonymous
	sid      string
	units    int // in the anonymous cart
	hasCart  bool
	lastUsed time.Duration
	absolute time.Duration
	ended    session.Reason
	endedAt  time.Duration
}

type modelBrowser struct {
	*browser
	session *modelSession // behind the tag in the jar
	signed  int           // the generation of keys that signed it
}

type modelTag struct {
	tag     string
	session *modelSession
}

func (m *machine) idle(s *modelSession) time.Duration {
	if s.customer == "" {
		return modelLimits.AnonymousIdle
	}
	return modelLimits.Idle
}

// settle ends every session that time has ended.
func (m *machine) settle() {
	for _, s := range m.sessions {
		idleAt := s.lastUsed + m.idle(s)
		if s.ended != "" || m.now < min(idleAt, s.absolute) {
			continue
		}
		if s.ended, s.endedAt = session.Idle, idleAt; s.absolute <= idleAt {
			s.ended, s.endedAt = session.Absolute, s.absolute
		}
	}
}

func (s *modelSession) live() bool { return s != nil && s.ended == "" }

func (s *modelSession) end(why session.Reason, at time.Duration) {
	if s.live() {
		s.ended, s.endedAt = why, at
	}
}

// late is the minute after the end in which a tag's request changes nothing.
func (m *machine) late(s *modelSession) bool {
	return s != nil && s.ended != "" && m.now-s.endedAt < session.LateWindow
}

func (m *machine) begin(s *modelSession) *modelSession {
	m.born++
	s.number, s.lastUsed = m.born, m.now
	m.sessions = append(m.sessions, s)
	return s
}

// arrive is what every request does: a tag of a retired key is cleared, an anonymous session past its absolute limit goes on under a new tag,
// a use is recorded, the tag is signed with the newest key.
func (m *machine) arrive(b *modelBrowser) {
	m.settle()
	if b.tag != "" && b.signed < m.generation-1 {
		b.session = nil
	}
	s := b.session
	switch {
	case s.live():
		if m.now-s.lastUsed > min(time.Minute, m.idle(s)/30) {
			s.lastUsed = m.now
		}
		b.signed = m.generation
	case s != nil && s.customer == "" && s.ended == session.Absolute && s.hasCart:
		m.keep(b)
		s.ended, s.endedAt, s.hasCart = session.Rotated, m.now, false
		b.session = m.begin(&modelSession{units: s.units, hasCart: true, absolute: m.now + modelLimits.AnonymousAbsolute})
		b.signed = m.generation
	}
}

// keep remembers a tag that is about to be replaced, to be tried later.
func (m *machine) keep(b *modelBrowser) {
	if b.tag != "" && b.session != nil && b.signed >= m.generation-1 {
		m.old = append(m.old, modelTag{b.tag, b.session})
	}
}

func (m *machine) some() *modelBrowser {
	b := m.browsers[rapid.IntRange(0, len(m.browsers)-1).Draw(m.rt, "browser")]
	b.site = m.generations[m.generation][rapid.IntRange(0, 1).Draw(m.rt, "replica")]
	return b
}

func (m *machine) units(s *modelSession) int {
	switch {
	case !s.live():
		return 0
	case s.customer != "":
		return m.carts[s.customer]
	}
	return s.units
}

// Check compares what every browser sees with the model.
func (m *machine) Check(rt *rapid.T) {
	m.rt = rt
	for i, b := range m.browsers {
		b.site = m.generations[m.generation][i%2]
		m.arrive(b)
		late := m.late(b.session)
		customer := ""
		if b.session.live() {
			customer = b.session.customer
		}
		before := b.tag
		a := b.get("/")
		if b.session != nil && !b.session.live() && b.tag != before {
			rt.Fatalf("browser %d lost the tag that a page is to explain", i)
		}
		if !strings.Contains(a.body, fmt.Sprintf("customer=%s cart=", customer)) || !strings.Contains(a.body, fmt.Sprintf("units=%d late=%v", m.units(b.session), late)) {
			rt.Fatalf("browser %d sees %q; want customer=%s units=%d late=%v", i, a.body, customer, m.units(b.session), late)
		}
	}
	live := 0
	for _, s := range m.sessions {
		if s.live() {
			live++
		}
	}
	if n := m.site.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != live {
		rt.Fatalf("%d sessions are live, want %d", n, live)
	}
}

// Pass lets time go by.
func (m *machine) Pass(rt *rapid.T) {
	d := rapid.SampledFrom([]time.Duration{41 * time.Second, 3 * time.Minute, 28 * time.Minute, 37 * time.Minute, 113 * time.Minute, 5 * time.Hour}).Draw(rt, "time")
	m.site.pass(d)
	m.now += d
	m.settle()
}

// Add puts one unit into a browser's cart.
func (m *machine) Add(rt *rapid.T) {
	m.rt = rt
	b := m.some()
	m.arrive(b)
	late := m.late(b.session)
	if a := b.post("/add", ""); (a.status == http.StatusConflict) != late {
		rt.Fatalf("add: %d %s; late=%v", a.status, a.body, late)
	}
	switch s := b.session; {
	case late:
	case s.live() && s.customer != "":
		m.carts[s.customer] = min(m.carts[s.customer]+1, 10)
	case s.live():
		if !s.hasCart {
			s.hasCart, s.lastUsed = true, m.now
		}
		s.units = min(s.units+1, 10)
	default:
		b.session = m.begin(&modelSession{units: 1, hasCart: true, absolute: m.now + modelLimits.AnonymousAbsolute})
		b.signed = m.generation
	}
}

// SignIn signs a browser in, whatever it was before.
func (m *machine) SignIn(rt *rapid.T) {
	m.rt = rt
	b, who := m.some(), rapid.SampledFrom([]string{"alice", "bob"}).Draw(rt, "who")
	m.arrive(b)
	m.keep(b)
	sid := fmt.Sprintf("sid-%d", m.born)
	if a := b.post("/signin", "who="+who+"&sid="+sid); a.status != http.StatusOK {
		rt.Fatalf("sign-in: %d %s", a.status, a.body)
	}
	if s := b.session; s.live() {
		switch s.customer {
		case "":
			m.carts[who] = max(m.carts[who], s.units)
			s.end(session.Rotated, m.now)
		case who:
			s.end(session.Rotated, m.now)
		default:
			s.end(session.SignedOut, m.now)
		}
	}
	b.session = m.begin(&modelSession{customer: who, sid: sid, absolute: m.now + modelLimits.Absolute})
	b.signed = m.generation
	m.endExcess(who)
}

func (m *machine) endExcess(who string) {
	n := 0
	for i := len(m.sessions) - 1; i >= 0; i-- {
		if s := m.sessions[i]; s.live() && s.customer == who {
			if n++; n > modelLimits.PerCustomer {
				s.end(session.Excess, m.now)
			}
		}
	}
}

// SignOut ends a browser's session.
func (m *machine) SignOut(rt *rapid.T) {
	m.rt = rt
	b := m.some()
	m.arrive(b)
	m.keep(b)
	late := m.late(b.session)
	b.post("/logout", "")
	why := session.SignedOut
	if b.session != nil && b.session.customer == "" {
		why = session.Forgotten
	}
	b.session.end(why, m.now)
	if !late {
		b.session = nil
	}
}

// EndOthers ends a customer's other sessions.
func (m *machine) EndOthers(rt *rapid.T) {
	m.rt = rt
	b := m.some()
	m.arrive(b)
	b.post("/devices/end-others", "")
	for _, s := range m.sessions {
		if b.session.live() && b.session.customer != "" && s != b.session && s.customer == b.session.customer {
			s.end(session.Revoked, m.now)
		}
	}
}

// BackChannel lets the provider end one of its sessions.
func (m *machine) BackChannel(rt *rapid.T) {
	if len(m.sessions) == 0 {
		return
	}
	s := m.sessions[rapid.IntRange(0, len(m.sessions)-1).Draw(rt, "session")]
	if s.sid == "" {
		return
	}
	if _, err := postgres.New(m.site.pool).EndByProvider(m.t.Context(), logout(fmt.Sprint("jti-", m.born, m.now, s.number), "", s.sid, time.Now())); err != nil && !strings.Contains(err.Error(), "before") {
		rt.Fatal(err)
	}
	m.settle()
	s.end(session.BackChannel, m.now)
}

// Outage lets a read and a write fail.
func (m *machine) Outage(rt *rapid.T) {
	m.rt = rt
	b := m.some()
	m.settle()
	tag := b.tag
	m.site.outage.Store(true)
	read, write := b.get("/"), b.post("/logout", "")
	m.site.outage.Store(false)
	refused := tag == "" || b.signed < m.generation-1 // such a tag is refused without asking the database
	if !refused && (read.status != http.StatusServiceUnavailable || write.status != http.StatusServiceUnavailable || b.tag != tag) {
		rt.Fatalf("outage: %d and %d, tag kept: %v", read.status, write.status, b.tag == tag)
	}
	if refused {
		b.session = nil
	}
}

// Rotate puts a new key first and retires the oldest.
func (m *machine) Rotate(*rapid.T) {
	m.generation = min(m.generation+1, len(m.generations)-1)
}

// Replay uses a tag from before.
func (m *machine) Replay(rt *rapid.T) {
	if len(m.old) == 0 {
		return
	}
	o := m.old[rapid.IntRange(0, len(m.old)-1).Draw(rt, "tag")]
	m.settle()
	if o.session.live() {
		return // somebody's current session, signed by an older key
	}
	thief := m.generations[m.generation][0].browser()
	thief.tag = o.tag
	if a := thief.get("/"); !strings.Contains(a.body, "customer= cart=0") && (o.session.customer != "" || o.session.ended != session.Absolute) {
		rt.Fatalf("an old tag (%s) opened %q", o.session.ended, a.body)
	}
}
