package session_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
)

// endings is every way a session can end while a request with its tag is on the way.
var endings = map[string]func(s *site, b *browser){
	"sign-out":        func(_ *site, b *browser) { b.copy().post("/logout", "") },
	"another sign-in": func(_ *site, b *browser) { b.copy().post("/signin", "who=alice") },
	"revoked":         func(s *site, _ *browser) { s.end("revoked") },
	"back-channel":    func(s *site, _ *browser) { s.end("back_channel") },
	"idle":            func(s *site, _ *browser) { s.pass(31 * time.Minute) },
	"absolute": func(s *site, _ *browser) {
		s.exec(`UPDATE sessions SET absolute_end = statement_timestamp()`)
	},
	"customer deleted": func(s *site, _ *browser) { s.exec(`DELETE FROM customers`) },
}

func TestNoSlowRequestRevivesAnEndedSession(t *testing.T) { // S-1, ASVS 7.4.1: stock scs signs in again
	t.Parallel()
	for name, end := range endings {
		for _, method := range []string{"GET", "POST"} {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				s := open(t)
				alice := s.signedIn("alice")
				s.pass(2 * time.Minute) // so that the slow request also has a use to record
				slow := alice.copy()
				var a answer
				var wait sync.WaitGroup
				wait.Go(func() { a = slow.send(method, "/slow", "") })
				<-s.entered
				end(s, alice)
				live := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`)
				s.release <- struct{}{}
				wait.Wait()
				a.leavesTag(t)
				alice.get("/").wants(t, "customer= ")
				if after := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); after != live {
					t.Errorf("live sessions: got %d, want %d as before", after, live)
				}
			})
		}
	}
}

func TestLateRequestNeitherWritesNorTouchesTheTag(t *testing.T) { // S-1: an answer from before the sign-in
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	late := visitor.copy()
	visitor.post("/signin", "who=alice")
	for _, a := range []answer{late.get("/"), late.post("/put", "key=a&value=1"), late.post("/cart", ""),
		late.get("/why")} {
		a.leavesTag(t)
	}
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 1 {
		t.Errorf("%d live sessions, want alice's alone", n)
	}
	late.get("/").wants(t, "cart=0 ", "late=true")
}

func TestAMinuteLaterAnEndedTagCountsAsNone(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.end("revoked")
	s.pass(61 * time.Second)
	alice.get("/").leavesTag(t)
	second := alice.copy()
	if a := second.post("/cart", ""); a.status != http.StatusOK || a.tag == nil {
		t.Errorf("first cart: %d, tag %v; want a new session", a.status, a.tag)
	}
	alice.get("/why").deletesTag(t)
}

func TestEveryReasonIsReported(t *testing.T) {
	t.Parallel()
	for _, why := range []session.Reason{session.SignedOut, session.Revoked, session.Excess, session.BackChannel,
		session.Rotated} {
		s := open(t)
		alice := s.signedIn("alice")
		alice.get("/why").wants(t, "ended=false")
		s.end(string(why))
		alice.get("/why").wants(t, "ended=true reason="+string(why)+" customer=1 late=true")
		if !s.events.saw(session.EventUsedAfterEnd, why) { // CS-21
			t.Errorf("%s: got no event session_use_after_expire, want one", why)
		}
	}
}

func TestAnEndedSessionIsOutOnEveryReplica(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	url := postgrestest.URL(t)
	first, second := openOn(t, url), openOn(t, url)
	alice := first.signedIn("alice")
	elsewhere := second.browser()
	elsewhere.tag = alice.tag
	elsewhere.get("/").wants(t, "customer=alice")
	alice.post("/logout", "")
	elsewhere.get("/").wants(t, "customer= ")
}

func TestOutageIsNeitherSignedOutNorAStranger(t *testing.T) { // ASVS 16.5.2
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.outage.Store(true)
	for range 3 {
		a := alice.get("/")
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("status %d, want 503 with Retry-After", a.status)
		}
		a.leavesTag(t)
	}
	s.browser().get("/").wants(t, "customer= ")
	s.outage.Store(false)
	alice.get("/").wants(t, "customer=alice")
}

func TestAWriteToASessionThatEndsDuringTheRequestIsNoOutage(t *testing.T) { // S-1, ASVS 16.5.2
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		s.sessions.Put(r.Context(), "a", "b")
		s.end("revoked")
		s.describe(w, r)
	})
	a := alice.get("/")
	if a.status != http.StatusOK {
		t.Errorf("status %d, want the page", a.status)
	}
	a.leavesTag(t)
}

func TestASpeculativeLoadWritesDownNoEnd(t *testing.T) { // F-11
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(31 * time.Minute)
	_, writes := s.sql.since(func() {
		alice.send("GET", "/", "", "Sec-Purpose", "prefetch;prerender").wants(t, "customer= ")
	})
	if writes != 0 {
		t.Errorf("%d writes, want none", writes)
	}
}

func TestACustomersSessionGoesOnUnderNoNewTag(t *testing.T) { // ASVS 7.3.2: only a stranger's does, to keep the cart
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.exec(`INSERT INTO carts (customer_id) SELECT id FROM customers`)
	s.exec(`UPDATE sessions SET absolute_end = now()`)
	alice.get("/why").wants(t, "reason=absolute customer=1")
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended_reason = 'absolute'`); n != 1 ||
		s.count(`SELECT count(*) FROM sessions`) != 1 {
		t.Error("got a second session, want none")
	}
}

func TestATombstoneGoesOnUnderNoNewTag(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	s.end("absolute")
	s.pass(time.Hour)
	visitor.get("/why").wants(t, "ended=true reason=absolute")
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended IS NULL`); n != 0 {
		t.Errorf("live sessions: got %d, want none", n)
	}
}

// Every request of a browser may carry the tag of an ended session, as with a refused one: the log
// has one line a minute, and an observer still sees each.
func TestAnEndedTagIsLoggedOnceAMinute(t *testing.T) { // CS-21
	t.Parallel()
	var log strings.Builder
	s := open(t, func(c *session.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	alice, bob := s.signedIn("alice"), s.signedIn("bob") // at one address
	s.end("revoked")
	for range 3 {
		alice.get("/").leavesTag(t)
		bob.get("/").leavesTag(t)
	}
	if n := strings.Count(log.String(), session.EventUsedAfterEnd); n != 2 {
		t.Errorf("got %d lines in the log, want one of each session:\n%s", n, log.String())
	}
	if n := s.events.all.Load(); n != 8 { // two sign-ins and six uses
		t.Errorf("got %d events, want 8", n)
	}
}

// refStore says of every session, an owner's too, that it keeps a Ref.
type refStore struct{ session.Store }

func (s refStore) FindSession(ctx context.Context, id session.ID) (session.Record, bool, error) {
	r, found, err := s.Store.FindSession(ctx, id)
	r.Ref = 1
	return r, found, err
}

func TestOnlyAnAnonymousSessionThatKeepsARefGoesOnPastItsAbsoluteLimit(t *testing.T) { // ASVS 7.3.2, 7.4.1
	t.Parallel()
	owned := open(t, withStore(func(s session.Store) session.Store { return refStore{s} }))
	bare := open(t)
	visitor := bare.browser()
	visitor.post("/put", "key=a&value=b")
	for what, c := range map[string]struct {
		*site
		*browser
	}{"an owner's": {owned, owned.signedIn("alice")}, "one without a Ref": {bare, visitor}} {
		c.exec(`UPDATE sessions SET absolute_end = statement_timestamp()`)
		c.get("/").wants(t, "why=absolute")
		if n := c.events.count(session.EventExpired); n != 1 {
			t.Errorf("%s: got %d expired, want 1", what, n)
		}
	}
}
