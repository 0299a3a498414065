package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
)

// clocks is a site whose pages show what is left: GET /left as any page would, POST /use after
// recording a use, GET /unused as a page that asks by itself.
func clocks(t *testing.T, options ...option) *site {
	t.Helper()
	s := open(t, options...)
	m := s.sessions
	left := func(w http.ResponseWriter, r *http.Request, err error) {
		i, ok := m.Info(r.Context())
		fmt.Fprintf(w, "live=%v idle=%s absolute=%s limit=%s late=%v err=%v", ok, i.IdleLeft.Round(10*time.Second),
			i.AbsoluteLeft.Round(time.Minute), i.Idle, m.Late(r.Context()), err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", s.server.Config.Handler)
	own := http.NewServeMux()
	own.HandleFunc("GET /left", func(w http.ResponseWriter, r *http.Request) { left(w, r, nil) })
	own.HandleFunc("POST /use", func(w http.ResponseWriter, r *http.Request) { left(w, r, m.Extend(r.Context())) })
	own.HandleFunc("GET /unused", func(w http.ResponseWriter, r *http.Request) {
		m.Passive(r.Context())
		left(w, r, nil)
	})
	own.HandleFunc("POST /use-at-the-end",
		func(w http.ResponseWriter, r *http.Request) { s.wait(r); left(w, r, m.Extend(r.Context())) })
	for _, path := range []string{"/left", "/use", "/unused", "/use-at-the-end"} {
		mux.Handle(path, m.Handler(own))
	}
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	return s
}

func TestInfoCountsTheUseOfItsOwnRequest(t *testing.T) {
	t.Parallel()
	s := clocks(t)
	alice := s.signedIn("alice")
	s.pass(30 * time.Second)
	alice.get("/left").wants(t, "idle=29m30s ", "limit=30m0s")
	s.pass(9*time.Minute + 30*time.Second)
	alice.get("/left").wants(t, "idle=30m0s ")
	s.pass(29*time.Minute + 58*time.Second)
	alice.get("/left").wants(t, "live=true")
}

func TestTheLimitTheSessionWasBegunWithCounts(t *testing.T) {
	t.Parallel()
	s := clocks(t)
	alice := s.signedIn("alice")
	s.exec(`UPDATE sessions SET idle = interval '10 minutes'`)
	s.pass(5 * time.Minute)
	alice.get("/left").wants(t, "idle=10m0s ", "limit=10m0s")
	alice.post("/use", "").wants(t, "idle=10m0s ")
}

func TestUseIsRecordedHoweverRecentTheLastOneIs(t *testing.T) { // WCAG 2.2.1: staying gives the whole limit again
	t.Parallel()
	s := clocks(t)
	alice := s.signedIn("alice")
	for range 12 {
		s.pass(59 * time.Second)
		alice.post("/use", "").wants(t, "idle=30m0s ", "err=<nil>")
		if n := s.count(
			`SELECT count(*) FROM sessions WHERE last_used > statement_timestamp() - interval '30 seconds'`); n != 1 {
			t.Fatal("the use was not recorded")
		}
	}
	alice.get("/left").wants(t, "absolute=23h48m0s ")
}

func TestAskingWhatIsLeftIsNoUse(t *testing.T) { // ASVS 7.3.1: background requests keep nobody signed in
	t.Parallel()
	s := clocks(t)
	alice := s.signedIn("alice")
	s.pass(20 * time.Minute)
	_, writes := s.sql.since(func() { alice.get("/unused").wants(t, "idle=10m0s ") })
	if writes != 0 {
		t.Errorf("%d writes, want none", writes)
	}
	s.pass(10 * time.Minute)
	alice.get("/unused").wants(t, "live=false")
}

func TestAPageLoadedAheadCannotAskToStay(t *testing.T) { // F-11
	t.Parallel()
	s := clocks(t)
	alice := s.signedIn("alice")
	s.pass(20 * time.Minute)
	alice.send("POST", "/use", "", "Sec-Purpose", "prefetch").wants(t, "idle=10m0s ", session.ErrReadOnly.Error())
	alice.get("/unused").wants(t, "idle=10m0s ")
}

func TestUseBringsNoSessionBack(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := clocks(t, withKeys(secondKey, firstKey))
	alice, guest := s.signedIn("alice"), s.browser()
	// Signed by the first key, the tag is due to be signed again.
	alice.tag = mustRing(t).Sign(keyring.Tag, strings.Split(alice.tag, ".")[1])
	if asked, _ := s.sql.since(func() { guest.post("/use", "").wants(t, session.ErrEnded.Error()) }); asked != 0 {
		t.Errorf("a use without a session: got %d statements, want none", asked)
	}
	var ended answer
	done := make(chan struct{})
	go func() { defer close(done); ended = alice.post("/use-at-the-end", "") }()
	<-s.entered
	s.exec(`UPDATE sessions SET ended = statement_timestamp(), ended_reason = 'revoked', data = '{}', id_token = NULL`)
	s.release <- struct{}{}
	<-done
	ended.wants(t, "late=true", session.ErrEnded.Error())
	ended.leavesTag(t)
	s.pass(time.Second)
	if asked, _ := s.sql.since(func() { alice.post("/use", "").wants(t, session.ErrEnded.Error()) }); asked != 1 {
		t.Errorf("a late use costs %d statements, want the one that finds the session", asked)
	}
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended IS NULL`); n != 0 {
		t.Errorf("%d live sessions, want none", n)
	}
}

func TestAUseThatCannotBeRecordedIsNotTheEnd(t *testing.T) { // ASVS 16.5.2
	t.Parallel()
	s := clocks(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, update: func() error { return errors.New("no") }}
	}))
	alice := s.signedIn("alice")
	alice.post("/use", "").wants(t, "live=true", "late=false", "err=no")
}

func TestUseRepairsARowThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, junk := range []string{`[1, 2]`, `"text"`, `{"a": 5}`, `null`} {
		s := clocks(t)
		alice := s.signedIn("alice")
		s.exec(`UPDATE sessions SET data = $1::jsonb`, junk)
		alice.post("/use", "").wants(t, "live=true", "err=<nil>")
	}
}
