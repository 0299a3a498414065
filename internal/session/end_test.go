package session_test

import (
	"errors"
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
	"sign-out":        func(_ *site, b *browser) { b.wearing().post("/logout", "") },
	"another sign-in": func(_ *site, b *browser) { b.wearing().post("/signin", "who=alice") },
	"revoked":         func(s *site, _ *browser) { s.end("revoked") },
	"back-channel":    func(s *site, _ *browser) { s.end("back_channel") },
	"idle":            func(s *site, _ *browser) { s.pass(31 * time.Minute) },
	"absolute": func(s *site, _ *browser) {
		s.exec(`UPDATE sessions SET absolute_end = statement_timestamp()`)
	},
	"customer deleted": func(s *site, _ *browser) { s.exec(`DELETE FROM customers`) },
}

func (s *site) end(why string) {
	s.exec(`UPDATE sessions SET ended = statement_timestamp(), ended_reason = $1, data = '{}', id_token = NULL`, why)
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
				slow := alice.wearing()
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
					t.Errorf("%d live sessions, there were %d", after, live)
				}
			})
		}
	}
}

func TestLateRequestNeitherWritesNorTouchesTheTag(t *testing.T) { // S-1 with A0: an answer from before the sign-in
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	late := visitor.wearing()
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

func TestAMinuteLaterTheDeadTagIsAStrangers(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.end("revoked")
	s.pass(61 * time.Second)
	alice.get("/").leavesTag(t)
	second := alice.wearing()
	if a := second.post("/cart", ""); a.status != http.StatusOK || a.tag == nil {
		t.Errorf("first cart: %d, tag %v; want a new session", a.status, a.tag)
	}
	alice.get("/why").deletesTag(t)
}

func TestEveryReasonIsTold(t *testing.T) {
	t.Parallel()
	for _, why := range []session.Reason{session.SignedOut, session.Revoked, session.Excess, session.BackChannel,
		session.Rotated} {
		s := open(t)
		alice := s.signedIn("alice")
		s.end(string(why))
		alice.get("/why").wants(t, "ended=true reason="+string(why)+" customer=1 late=true")
		if !s.events.saw("session_use_after_expire", why) { // CS-21
			t.Errorf("%s: no event logs the use after the end", why)
		}
	}
}

func TestSignOutEndsTheSessionAndHandsOutTheIDToken(t *testing.T) { // ASVS 7.4.1, 10.1.1; CS-30
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	thief := alice.wearing()
	a := alice.post("/logout", "")
	a.wants(t, "hint=id-token-of-alice err=<nil>")
	a.deletesTag(t)
	thief.get("/").wants(t, "customer= ")
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended_reason = 'signed_out' AND id_token IS NULL`); n != 1 {
		t.Error("the row is not an emptied tombstone")
	}
	thief.post("/logout", "").wants(t, "hint= err=<nil>")
	s.browser().post("/logout", "").wants(t, "hint= err=<nil>")
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

func TestOutageIsNeitherSignedOutNorAStranger(t *testing.T) { // ASVS 16.5.2, libraries C1
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

func TestFailedCommitShowsNothingOfThePage(t *testing.T) { // S-9: stock scs sends the page after the error
	t.Parallel()
	broken := errors.New("no")
	s := open(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, update: func() error { return broken }}
	}))
	alice := s.signedIn("alice")
	a := alice.post("/put", "key=a&value=secret")
	if a.status != http.StatusServiceUnavailable || strings.Contains(a.body, "customer") ||
		a.header.Get("Retry-After") == "" {
		t.Errorf("answer %d %q, want 503 and nothing of the page", a.status, a.body)
	}
	a.leavesTag(t)
}

func TestAUseThatCannotBeRecordedCostsNoPage(t *testing.T) {
	t.Parallel()
	s := open(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, touch: func() error { return errors.New("no") }}
	}))
	alice := s.signedIn("alice")
	s.pass(2 * time.Minute)
	alice.get("/").wants(t, "customer=alice")
}

// S-10, libraries A1: 103 and Flush lose it in stock scs
func TestFlushedAndAnnouncedAnswersCarryTheirTag(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.browser()
	a := visitor.get("/hint")
	a.wants(t, "streamed")
	if a.tag == nil {
		t.Error("no tag")
	}
}
