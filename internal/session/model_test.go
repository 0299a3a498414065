package session_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// TestSessionsBehaveLikeTheModel lets three browsers, two replicas, a provider, an operator and
// time do anything in any order, and compares every browser's view with a model small enough to be
// believed (model_world_test.go). What must hold, whatever happens:
//
//   - An ended session never comes back, whatever was in flight when it ended; an old
//     tag opens nothing.
//   - Nobody is signed in who should not be, and nobody is signed out who should
//     not be; an outage does neither.
//   - A revocation holds against older authentications, and a logout by the provider against
//     sign-ins in progress; a fresh authentication passes.
//   - A customer has no more sessions than the limit, and the oldest are those that end.
//   - No unit put into a cart is lost, and none appears. Concurrent requests that put
//     different values all keep theirs.
//   - A visitor who returns sees why the session ended.
//   - Both replicas say the same.
//
// It goes on for longer with go test ./internal/session -run Model -rapid.checks=5000.
func TestSessionsBehaveLikeTheModel(t *testing.T) {
	t.Parallel()
	s := open(t, withLimits(modelLimits))
	s.exec(`INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, price, stock)
		VALUES ('ONE', 'one', 'One', 'hats', '', '', 'hat', 'plain', 'felt', 100, 1000)`)
	generations := s.generations(5)
	rapid.Check(t, func(rt *rapid.T) {
		s.exec(`TRUNCATE sessions, carts, customers, logout_marks, used_logout_tokens RESTART IDENTITY CASCADE`)
		m := &machine{rt: rt, t: t, site: s, generations: generations,
			customers: map[string]*modelCustomer{"alice": {}, "bob": {}}}
		defer m.releaseAll()
		for i := range m.browsers {
			m.browsers[i] = &modelBrowser{browser: s.browser()}
		}
		for range m.browsers {
			m.add()
		}
		rt.Repeat(map[string]func(*rapid.T){"": m.check, "step": m.step})
	})
}

// generations are sites by how often the keys were rotated: each time two replicas that sign with
// the newest key and take the one before.
func (s *site) generations(n int) (g [][2]*site) {
	var ring []string
	for i := range n {
		ring = append([]string{fmt.Sprintf("key-%d-", i) + firstKey}, ring...)
		ring = ring[:min(len(ring), 2)]
		g = append(g,
			[2]*site{s.replica(withKeys(ring...), withLimits(modelLimits)),
				s.replica(withKeys(ring...), withLimits(modelLimits))})
	}
	return g
}

// actions are what can happen, each as often as its weight says.
var actions = map[string]struct {
	weight int
	do     func(*machine)
}{
	"sign in": {3, (*machine).signIn}, "sign out": {1, (*machine).signOut}, "lose the tag": {1, (*machine).lose},
	"end others": {1, (*machine).endOthers}, "end a device": {1, (*machine).endDevice},
	"list devices": {1, (*machine).listDevices},
	"begin":        {3, (*machine).begin}, "finish": {3, (*machine).finish}, "put": {1, (*machine).put},
	"add": {2, (*machine).add}, "replay": {1, (*machine).replay},
	"time": {4, (*machine).goBy}, "keys": {1, (*machine).changeKeys}, "outage": {1, (*machine).outage},
	"provider": {1, (*machine).backChannel}, "operator": {1, (*machine).operate},
}

// weighted holds each action's name as often as its weight says.
var weighted = func() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(actions)) {
		names = append(names, slices.Repeat([]string{name}, actions[name].weight)...)
	}
	return names
}()

// step lets one thing happen.
func (m *machine) step(*rapid.T) { actions[pick(m, "action", weighted...)].do(m) }

// check compares what every browser sees with the model, unless nobody looks.
func (m *machine) check(*rapid.T) {
	m.steps++
	for i, b := range m.browsers {
		if m.unseen || m.toRecord(b) {
			continue
		}
		b.site = m.generations[m.generation][(m.steps+i)%2]
		m.look(b)
	}
	m.unseen = false
	want := fmt.Sprintf("%d %d %d", len(m.of("")), len(m.of("alice")), len(m.of("bob")))
	if live := m.live(); live != want {
		m.rt.Fatalf("of nobody, Alice and Bob %s sessions are live, want %s", live, want)
	}
}

// look lets a browser read a page.
func (m *machine) look(b *modelBrowser) {
	f := m.arrive(b, "", "")
	m.wantView(f, b.ask("GET", "/", ""))
}

// goBy lets time go by.
func (m *machine) goBy() {
	m.pass(pick(m, "time", 41*time.Second, 3*time.Minute, 28*time.Minute, 37*time.Minute, 113*time.Minute))
	m.unseen = pick(m, "unseen", false, true)
}

// changeKeys puts a new key first and retires the oldest.
func (m *machine) changeKeys() {
	m.rotate()
	m.unseen = pick(m, "unseen", false, true)
}

// begin sends a request whose answer takes its time, perhaps the first one after a while or with
// new keys: it reads, or puts a value.
func (m *machine) begin() {
	switch pick(m, "when", "at once", "after a while", "after a while", "with new keys") {
	case "after a while":
		m.pass(3 * time.Minute)
	case "with new keys":
		m.rotate()
	}
	m.unseen = pick(m, "unseen", false, true)
	b := m.some()
	method, form := "GET", ""
	f := m.arrive(b, pick(m, "key", "", "", "a", "b"), m.unique())
	if f.key != "" {
		method, form = "POST", "key="+f.key+"&value="+f.value
	}
	f.gate, f.done = gate{make(chan struct{}), make(chan struct{})}, make(chan *http.Response, 1)
	r, w, handler := b.request(method, "/slow", form), httptest.NewRecorder(), b.site.handler
	go func() {
		handler.ServeHTTP(w, r.WithContext(withGate(r.Context(), f.gate)))
		f.done <- w.Result()
	}()
	<-f.gate.entered
	m.flights = append(m.flights, f)
}

// finish lets an answer arrive at last. The browser takes its cookie, whatever has happened since.
func (m *machine) finish() {
	if len(m.flights) == 0 {
		return // nothing is in flight
	}
	f := m.flights[m.index("flight", len(m.flights))]
	m.flights = slices.DeleteFunc(m.flights, func(o *flight) bool { return o == f })
	out := pick(m, "outage", false, false, false, true)
	m.site.outage.Store(out)
	close(f.gate.release)
	response := <-f.done
	m.site.outage.Store(false)
	m.settle()
	if out {
		m.wantOutage(f, f.browser.take(response, nil))
		return
	}
	m.wantView(f, f.browser.take(response, nil))
}

func (m *machine) wantOutage(f *flight, a answer) {
	if needed := f.standing != late &&
		(f.key != "" || f.standing == goesOn); (a.status == http.StatusServiceUnavailable) != needed {
		m.rt.Fatalf("an answer that leaves during an outage: %d; want 503: %v", a.status, needed)
	}
	if a.tag != nil {
		m.rt.Fatalf("an answer that leaves during an outage sets %v", a.tag)
	}
}

// put puts a value.
func (m *machine) put() {
	b := m.some()
	f := m.arrive(b, pick(m, "key", "a", "b"), m.unique())
	m.wantView(f, b.ask("POST", "/put", "key="+f.key+"&value="+f.value))
}

// add puts one unit into a browser's cart.
func (m *machine) add() {
	b := m.some()
	f := m.arrive(b, "", "")
	a := b.ask("POST", "/add", "")
	if (a.status == http.StatusConflict) != (f.standing == late) {
		m.rt.Fatalf("add: %d %s; late=%v", a.status, a.body, f.standing == late)
	}
	if f.standing == late {
		return
	}
	m.leave(f, a)
	if f.standing == stranger {
		m.wear(b, m.newSession(&modelSession{absolute: m.now + modelLimits.AnonymousAbsolute}))
	}
	s := b.session
	if s.customer == "" && !s.hasCart {
		s.hasCart, s.lastUsed = true, m.now
	}
	*m.cart(s) = min(*m.cart(s)+1, 10)
}

// signIn signs a browser in, whatever it was before, by the authentication that the provider still
// holds or by a new one.
func (m *machine) signIn() {
	b, who := m.some(), m.someone()
	c := m.customers[who]
	if pick(m, "anew", false, true) || !c.known || m.now-c.proved > 3*time.Hour {
		c.proved = m.now
		if who == "alice" { // bob's provider names no sessions
			c.sid = m.unique()
		}
	}
	f := m.arrive(b, "", "")
	a := b.ask("POST", "/signin",
		fmt.Sprintf("who=%s&sid=%s&issued=%s&age=%s", who, c.sid, provider(m.now).Format(time.RFC3339), m.now-c.proved))
	if why := m.refusal(who); why != "" {
		if a.status == http.StatusOK || !strings.Contains(a.body, why) {
			m.rt.Fatalf("sign-in: %d %s, want it refused: %s", a.status, a.body, why)
		}
		if f.stale = false; f.standing != goesOn { // an answer of 500 and above records no use and lets no cart go on
			m.leave(f, a)
		}
		return
	}
	if a.status != http.StatusOK {
		m.rt.Fatalf("sign-in: %d %s", a.status, a.body)
	}
	m.handOn(f, who)
	m.wear(b, m.newSession(&modelSession{customer: who, sid: c.sid,
		absolute: m.now + modelLimits.Absolute - (m.now - c.proved)}))
	c.known = true
	m.endExcess(who)
}

// signOut ends a browser's session.
func (m *machine) signOut() {
	b := m.some()
	f := m.arrive(b, "", "")
	b.ask("POST", "/logout", "")
	switch {
	case f.standing == late:
		return
	case f.open() && f.session.customer == "":
		f.session.end(session.Forgotten, m.now)
	case f.open():
		f.session.end(session.SignedOut, m.now)
	}
	b.session = nil
}

// lose takes a browser's tag away, as closing it does. The session lives on.
func (m *machine) lose() {
	b := m.some()
	b.tag, b.session = "", nil
}

// endOthers ends a customer's other sessions.
func (m *machine) endOthers() {
	b := m.some()
	f := m.arrive(b, "", "")
	a := b.ask("POST", "/devices/end-others", "")
	m.leave(f, a)
	n := 0
	if f.standing == live && f.session.customer != "" {
		n = m.revoke(f.session.customer, func(s *modelSession) bool { return s != f.session })
	}
	if a.body != fmt.Sprintf("ended=%d <nil>", n) {
		m.rt.Fatalf("end others: %s, want %d", a.body, n)
	}
}

// endDevice ends the session of one browser from another.
func (m *machine) endDevice() {
	from, other := m.some(), m.some()
	g := m.arrive(other, "", "")
	a := other.ask("GET", "/handle", "")
	m.leave(g, a)
	f := m.arrive(from, "", "")
	b := from.ask("POST", "/devices/end", "handle="+a.body)
	m.leave(f, b)
	n := 0
	if f.standing == live && f.session.customer != "" && f.session != other.session {
		n = m.revoke(f.session.customer, func(s *modelSession) bool { return s == other.session })
	}
	if b.body != fmt.Sprintf("found=%v <nil>", n > 0) {
		m.rt.Fatalf("end a device: %s, want %d ended", b.body, n)
	}
}

// listDevices lists a customer's live sessions, and only those.
func (m *machine) listDevices() {
	b := m.some()
	f := m.arrive(b, "", "")
	a := b.ask("GET", "/devices", "")
	m.leave(f, a)
	n, current := 0, 0
	if f.standing == live && f.session.customer != "" {
		n, current = len(m.of(f.session.customer)), 1
	}
	if strings.Count(a.body, "\n") != n || strings.Count(a.body, " current ") != current {
		m.rt.Fatalf("devices: %q, want %d", a.body, n)
	}
}

// backChannel lets the provider end sessions: one it names, all of a subject, or one that is
// both, which also means the subject's that name no session of the provider's; a token may come
// late, or twice.
func (m *machine) backChannel() {
	issued := m.now - pick(m, "late", 0, 90*time.Second)
	l, who := logout(m.unique(), "", "", provider(issued)), ""
	if by := pick(m, "by", "sub", "sid", "both", "again"); by == "again" && len(m.logouts) > 0 {
		l = m.logouts[m.index("token", len(m.logouts))]
		if n, err := m.someSite().sessions.EndByProvider(m.t.Context(), l); n != 0 || err == nil {
			m.rt.Fatalf("a replayed token ended %d, %v", n, err)
		}
		return
	} else if sids := m.sids(); by != "sub" && len(sids) > 0 {
		l.SID = pick(m, "sid", sids...)
	}
	if l.SID == "" || pick(m, "subject, too", false, true) {
		who = m.someone()
		l.Subject = "sub-" + who
	}
	n := 0
	for _, s := range m.sessions {
		if m.settle(); s.live() && s.customer != "" && (who == "" || s.customer == who) &&
			(l.SID == s.sid && s.sid != "" || who != "" && (l.SID == "" || s.sid == "") && s.born <= issued) {
			s.end(session.BackChannel, m.now)
			n++
		}
	}
	m.logouts, m.marks = append(m.logouts, l), append(m.marks, mark{who, l.SID, issued, m.now})
	if ended, err := m.someSite().sessions.EndByProvider(m.t.Context(), l); ended != n || err != nil {
		m.rt.Fatalf("the provider ended %d, %v; want %d", ended, err, n)
	}
}

// operate lets an operator end sessions, and keep customers out or let them in again.
func (m *machine) operate() {
	store, who := postgres.New(m.site.pool), m.someone()
	if !m.customers[who].known {
		return
	}
	id := int64(m.site.count(`SELECT id FROM customers WHERE name = $1`, who))
	var n, want int64
	var err error
	switch kind := pick(m, "kind", "one", "all", "disable"); {
	case m.customers[who].disabled:
		err, m.customers[who].disabled = store.EnableCustomer(m.t.Context(), id), false
	case kind == "disable":
		n, err = store.DisableCustomer(m.t.Context(), id)
		want, m.customers[who].disabled = int64(m.revoke(who, everyone)), true
	default:
		n, err = store.EndSessions(m.t.Context(), postgres.SessionTarget{CustomerID: id, All: kind == "all"})
		for name := range maps.Keys(m.customers) {
			if kind != "all" && name == who || kind == "all" && len(m.of(name)) > 0 {
				want += int64(m.revoke(name, everyone))
			}
		}
	}
	if n != want || err != nil {
		m.rt.Fatalf("the operator ended %d, %v; want %d", n, err, want)
	}
}

// outage lets requests fail, and nothing else happen.
func (m *machine) outage() {
	b := m.some()
	f := m.arrive(b, "", "")
	request := pick(m, "request", "GET /", "POST /add", "POST /put", "POST /signin", "POST /logout",
		"POST /devices/end-others")
	method, path, _ := strings.Cut(request, " ")
	tag, accepted := b.tag, f.session != nil && !f.refused
	m.site.outage.Store(true)
	a := b.ask(method, path, "who=alice&key=a&value=lost")
	m.site.outage.Store(false)
	if accepted && a.status != http.StatusServiceUnavailable {
		m.rt.Fatalf("%s during an outage: %d", request, a.status)
	}
	if b.tag != tag {
		m.rt.Fatalf("%s during an outage made the tag %q of %q", request, b.tag, tag)
	}
	if b.tag == "" {
		b.session = nil
	}
}

// replay lets a thief use a tag that a browser once had.
func (m *machine) replay() {
	if len(m.old) == 0 {
		return // there is no old tag
	}
	o := m.old[m.index("tag", len(m.old))]
	thief := &modelBrowser{browser: m.someSite().browser(), session: o.session, signed: o.signed}
	thief.tag = o.tag
	m.look(thief)
}
