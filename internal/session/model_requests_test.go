package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"hookandtag.example/shop/internal/session"
)

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
	switch pick(m, "when", "immediately", "after a while", "after a while", "with new keys") {
	case "after a while":
		m.pass(3 * time.Minute)
	case "with new keys":
		m.rotate()
	}
	m.unseen = pick(m, "unseen", false, true)
	b := m.some()
	method, form := "GET", ""
	key, value := pick(m, "key", "", "", "a", "b"), m.unique()
	if b.session != nil && b.session.values[key] != "" && pick(m, "same value", false, true) {
		value = b.session.values[key]
	}
	f := m.arrive(b, key, value)
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

// finish lets a slow answer arrive. The browser takes its cookie.
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
		(f.key != "" && !f.unchanged || f.standing == replaceable); (a.status == http.StatusServiceUnavailable) != needed {
		m.rt.Fatalf("an answer that leaves during an outage: %d; want 503: %v", a.status, needed)
	}
	if a.tag != nil {
		m.rt.Fatalf("an answer during an outage: got the tag %v, want none", a.tag)
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
		m.rt.Fatalf("add: got %d %s, want it refused: %v", a.status, a.body, f.standing == late)
	}
	if f.standing == late {
		return
	}
	m.leave(f, a)
	if f.standing == noSession {
		m.give(b, m.newSession(&modelSession{absolute: m.now + modelLimits.AnonymousAbsolute}))
	}
	s := b.session
	if s.customer == "" && !s.hasCart {
		s.hasCart, s.lastUsed = true, m.now
	}
	*m.cart(s) = min(*m.cart(s)+1, 10)
}

// signIn signs a browser in, by an earlier authentication at the provider or a new one.
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
		if f.stale = false; f.standing != replaceable { // an answer of 500 and above records no use and lets no cart go on
			m.leave(f, a)
		}
		return
	}
	if a.status != http.StatusOK {
		m.rt.Fatalf("sign-in: got %d %s, want 200", a.status, a.body)
	}
	next := m.newSession(&modelSession{customer: who, sid: c.sid,
		absolute: m.now + modelLimits.Absolute - (m.now - c.proved)})
	m.endReplaced(f, who, next)
	m.give(b, next)
	c.known = true
	m.endExcess(who)
}

// signOut ends a browser's session, or the one that has just replaced it.
func (m *machine) signOut() {
	b := m.some()
	f := m.arrive(b, "", "")
	b.ask("POST", "/logout", "")
	s := f.session
	if f.standing == late && s.ended == session.Rotated {
		s = s.latest()
	}
	switch {
	case f.standing == late && !s.live():
		return
	case !f.open() && f.standing != late:
	case s.customer == "":
		s.end(session.Forgotten, m.now)
	default:
		s.end(session.SignedOut, m.now)
	}
	b.session = nil
}

// lose takes a browser's tag away, as closing it does. The session lives on.
func (m *machine) lose() {
	b := m.some()
	b.tag, b.session = "", nil
}
