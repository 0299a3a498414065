package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
)

func TestTwoWritersOfDifferentValuesBothKeepTheirs(t *testing.T) { // S-11: stock scs loses one
	t.Parallel()
	s := open(t)
	visitor := s.browser()
	visitor.post("/put", "key=first&value=1")
	var wait sync.WaitGroup
	wait.Go(func() { visitor.post("/slow", "") })
	<-s.entered
	visitor.post("/put", "key=a&value=fast")
	s.release <- struct{}{}
	wait.Wait()
	if n := s.count(`SELECT count(*) FROM sessions
		WHERE data @> '{"a": "fast", "slow": "yes", "first": "1"}'`); n != 1 {
		t.Error("a value was lost")
	}
}

func TestPuttingTheSameValueWritesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.browser()
	visitor.post("/put", "key=a&value=1")
	if _, writes := s.sql.since(func() { visitor.post("/put", "key=a&value=1") }); writes != 0 {
		t.Errorf("%d writes, want none", writes)
	}
}

func TestARemovedValueIsGone(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	alice.post("/put", "key=a&value=1")
	alice.post("/put", "key=b&value=2")
	s.serve(func(_ http.ResponseWriter, r *http.Request) { s.sessions.Remove(r.Context(), "a") })
	alice.get("/")
	if n := s.count(`SELECT count(*) FROM sessions WHERE data ->> 'b' = '2' AND NOT data ? 'a'`); n != 1 {
		t.Error("want the other value and not the removed one")
	}
}

func TestOnlyStringsAreKept(t *testing.T) { // S-13: JSON makes a float64 of every number
	t.Parallel()
	s := open(t)
	for _, value := range []any{5, 1.5, true, nil, []string{"a"}, time.Now()} {
		w := httptest.NewRecorder()
		s.sessions.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s.sessions.PutAny(r.Context(), "k", value)
		})).ServeHTTP(w, newRequest(t))
		if w.Code != http.StatusServiceUnavailable || len(w.Result().Cookies()) != 0 {
			t.Errorf("%T: got %d and cookies %v, want 503 and none", value, w.Code, w.Result().Cookies())
		}
	}
	if n := s.count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("sessions: got %d, want none", n)
	}
}

func TestJunkInTheRowLocksNobodyOut(t *testing.T) { // S-13: stock scs answers 500 for ever
	t.Parallel()
	for _, junk := range []string{`[1, 2]`, `"text"`, `{"a": 5}`, `null`} {
		s := open(t)
		alice := s.signedIn("alice")
		s.exec(`UPDATE sessions SET data = $1::jsonb`, junk)
		alice.get("/").wants(t, "customer=alice")
		alice.post("/put", "key=a&value=new").wants(t, "a=new")
		alice.get("/").wants(t, "a=new")
	}
}

func TestTheNextRecordedUseRepairsARowThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.exec(`UPDATE sessions SET data = '[1, 2]'`)
	s.pass(2 * time.Minute)
	alice.get("/").wants(t, "customer=alice")
	if n := s.count(`SELECT count(*) FROM sessions WHERE data = '{}'`); n != 1 {
		t.Errorf("repaired rows: got %d, want 1", n)
	}
}

func TestARowThatCannotBeReadMayEndDuringTheRequest(t *testing.T) { // ASVS 16.5.2
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.exec(`UPDATE sessions SET data = '[1, 2]'`)
	s.pass(2 * time.Minute)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		s.end("revoked")
		s.describe(w, r)
	})
	a := alice.get("/")
	a.wants(t, "customer=alice")
	a.leavesTag(t)
}

func TestARepairThatFailsIsAnOutage(t *testing.T) { // ASVS 16.5.2
	t.Parallel()
	s := open(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, update: func() error { return errors.New("no") }}
	}))
	alice := s.signedIn("alice")
	s.exec(`UPDATE sessions SET data = '[1, 2]'`)
	s.pass(2 * time.Minute)
	if a := alice.get("/"); a.status != http.StatusServiceUnavailable {
		t.Errorf("status: got %d, want 503", a.status)
	}
}

func TestAnEmptyValueIsAValue(t *testing.T) {
	t.Parallel()
	s := open(t)
	guest := s.anonymous()
	guest.post("/put", "key=a&value=")
	if n := s.count(`SELECT count(*) FROM sessions WHERE data->>'a' = ''`); n != 1 {
		t.Errorf("sessions with an empty value: got %d, want 1", n)
	}
}

func TestAValueThatNoDatabaseKeepsIsReplaced(t *testing.T) { // RFC 8259 8.1; jsonb has no U+0000
	t.Parallel()
	s := open(t)
	visitor := s.browser()
	if a := visitor.post("/put", "key=a&value=b%00%FFc"); a.status != 200 {
		t.Errorf("got %d %s, want 200", a.status, a.body)
	}
	visitor.get("/").wants(t, "a=b\uFFFD\uFFFDc")
}
