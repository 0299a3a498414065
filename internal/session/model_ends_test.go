package session_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

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
			m.rt.Fatalf("a replayed token: got %d ended, %v; want an error", n, err)
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
		var ended postgres.Revoked
		ended, err = store.EndSessions(m.t.Context(), postgres.SessionTarget{CustomerID: id, All: kind == "all"})
		n = ended.Sessions
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
		m.rt.Fatalf("%s during an outage: got %d, want 503", request, a.status)
	}
	if b.tag != tag {
		m.rt.Fatalf("%s during an outage: got the tag %q, want %q as before", request, b.tag, tag)
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
