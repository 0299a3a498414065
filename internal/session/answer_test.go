package session_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// serve makes h the only page of the site from now on.
func (s *site) serve(h http.HandlerFunc) {
	s.t.Helper()
	s.server = httptest.NewServer(s.sessions.Handler(h))
	s.t.Cleanup(s.server.Close)
}

func TestWhatIsPutAfterAnAnnouncementIsKept(t *testing.T) { // S-10: a 103 is not the answer
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		s.sessions.Put(r.Context(), "a", "after")
		s.describe(w, r)
	})
	alice.get("/")
	if n := s.count(`SELECT count(*) FROM sessions WHERE data->>'a' = 'after'`); n != 1 {
		t.Error("what was put after the 103 is lost")
	}
}

func TestFailedCommitSendsNoHeaderOfThePage(t *testing.T) { // S-9
	t.Parallel()
	s := open(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, update: func() error { return errors.New("no") }}
	}))
	alice := s.signedIn("alice")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/orders/of-alice")
		http.SetCookie(w, &http.Cookie{Name: "draft", Value: "secret"})
		s.sessions.Put(r.Context(), "a", "b")
		w.WriteHeader(http.StatusOK)
	})
	if a := alice.get("/"); a.status != http.StatusServiceUnavailable || a.header.Get("Location") != "" ||
		a.header.Get("Set-Cookie") != "" {
		t.Errorf("%d with %v", a.status, a.header)
	}
}

// net/http logs an answer that is begun twice.
func TestAnAnswerIsBegunOnce(t *testing.T) {
	t.Parallel()
	var refused error
	s := open(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, update: func() error { return refused }}
	}))
	alice := s.signedIn("alice")
	var said bytes.Buffer
	s.server = httptest.NewUnstartedServer(s.sessions.Handler(http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request) {
		s.sessions.Put(r.Context(), "a", r.FormValue("value"))
		io.WriteString(w, "one ")
		io.WriteString(w, "two")
		_ = http.NewResponseController(w).Flush() // the answer is what is checked
		if r.FormValue("value") == "lost" {
			w.WriteHeader(http.StatusNotFound) // the handler has not noticed that another answer is out
		}
	})))
	s.server.Config.ErrorLog = log.New(&said, "", 0)
	s.server.Start()
	if a := alice.post("/", "value=kept"); a.status != http.StatusOK || a.body != "one two" {
		t.Errorf("%d %s", a.status, a.body)
	}
	refused = errors.New("no")
	if a := alice.post("/", "value=lost"); a.status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.server.Close()
	if said.Len() > 0 {
		t.Errorf("%s", &said)
	}
}

func TestARouteThatIsNotBehindTheHandlerSaysSo(t *testing.T) {
	t.Parallel()
	s := open(t)
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, "not wrapped by Manager.Handler") {
			t.Errorf("it says %s", said)
		}
	}()
	s.sessions.Owner(t.Context())
}

func TestTheSameCartIsKeptOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		id := s.sessions.Ref(r.Context())
		fmt.Fprint(w, id != 0, s.sessions.KeepRef(r.Context(), id))
	})
	if _, writes := s.sql.since(func() { visitor.get("/").wants(t, "true <nil>") }); writes != 0 {
		t.Errorf("%d writes, want none", writes)
	}
}

func TestASignOutOfAnEndedSessionIsNoEnd(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(40 * time.Minute)
	alice.post("/logout", "")
	if s.events.saw("session_ended", session.SignedOut) || s.events.saw("session_ended", session.Forgotten) {
		t.Errorf("%+v", s.events.events)
	}
}

func TestAnAnswerThatFailedWritesNothing(t *testing.T) { // ASVS 16.5.3
	t.Parallel()
	s := open(t)
	alice, stranger := s.signedIn("alice"), s.browser()
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		s.sessions.Put(r.Context(), "a", "half done")
		w.WriteHeader(http.StatusInternalServerError)
	})
	alice.get("/").leavesTag(t)
	stranger.get("/").leavesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions WHERE data ? 'a'`); n != 0 {
		t.Errorf("%d sessions hold what a failed request put", n)
	}
}

func TestWhatARequestDidCountsWhenItsClientHasGone(t *testing.T) { // ASVS 16.5.3
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	done := make(chan struct{})
	inner := s.sessions.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.sessions.Put(r.Context(), "a", "done")
		s.entered <- struct{}{}
		<-r.Context().Done()
	}))
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(s.server.Close)
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", "__Host-tag="+alice.tag)
	go func() {
		<-s.entered
		leave()
	}()
	if response, err := http.DefaultClient.Do(r); err == nil {
		response.Body.Close()
		t.Fatal("the client did not go")
	}
	<-done
	if n := s.count(`SELECT count(*) FROM sessions WHERE data->>'a' = 'done'`); n != 1 {
		t.Error("what the request did is lost")
	}
}

func TestNothingIsWrittenAfterASignOut(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.sessions.SignOut(r.Context()); err != nil {
			t.Error(err)
		}
		s.sessions.Put(r.Context(), "a", "b")
		if err := s.sessions.KeepRef(r.Context(), 1); !errors.Is(err, session.ErrLate) {
			t.Errorf("keep a cart: %v, want ErrLate", err)
		}
		s.describe(w, r)
	})
	a := alice.get("/")
	a.wants(t, "customer= ")
	a.deletesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended IS NULL OR data <> '{}'`); n != 0 {
		t.Errorf("%d sessions were begun or written after the sign-out", n)
	}
}

// ASVS 2.3.3: also when a page says so, which is no failure
func TestAFailedSignInLeavesTheSessionsValues(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.signedIn("alice")
	s.exec(`UPDATE customers SET disabled = now()`)
	guest := s.anonymous()
	guest.post("/put", "key=a&value=kept")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		_, _, err := visitor.SignIn(r.Context(), s.sessions,
			session.Authentication{IssuedAt: time.Now(), AuthTime: time.Now()},
			visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-alice"}})
		if !errors.Is(err, customer.ErrDisabled) {
			t.Errorf("%v, want ErrDisabled", err)
		}
		w.WriteHeader(http.StatusForbidden)
	})
	guest.get("/").leavesTag(t)
	if n := s.count(
		`SELECT count(*) FROM sessions WHERE data->>'a' = 'kept' AND cart_id IS NOT NULL AND ended IS NULL`); n != 1 {
		t.Error("the failed sign-in changed the visitor's session")
	}
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

func TestACustomersSessionTakesNoAnonymousCart(t *testing.T) { // ASVS 8.2.2
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	a := alice.post("/cart", "")
	if a.status != http.StatusOK || !strings.Contains(a.body, "customer=alice cart=0 ") {
		t.Errorf("%d %s", a.status, a.body)
	}
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

func TestACustomersTagIsNotSentAgainOnANewDay(t *testing.T) { // ASVS 14.3.2: nothing about it would change
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.exec(`UPDATE sessions SET idle = interval '30 hours', absolute_end = now() + interval '9 hours', last_used =
		now() - interval '25 hours'`)
	a := alice.get("/")
	a.wants(t, "customer=alice")
	a.leavesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions WHERE last_used > now() - interval '1 minute'`); n != 1 {
		t.Error("the use was not recorded")
	}
}

func TestTheNamesOfASessionRevealNothing(t *testing.T) { // ASVS 7.2.3, 14.2.4, 16.2.5; CS-4
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	handle, token := alice.get("/handle").body, strings.Split(alice.tag, ".")[1]
	var id []byte
	var logID string
	if err := s.pool.QueryRow(t.Context(), `SELECT id, log_id FROM sessions`).Scan(&id, &logID); err != nil {
		t.Fatal(err)
	}
	for what, name := range map[string]string{"handle": handle, "log id": logID} {
		if len(name) < 16 || strings.Contains(hex.EncodeToString(id)+token+alice.tag, name) ||
			strings.Contains(name, hex.EncodeToString(id)) {
			t.Errorf("the %s is %q, part of id or tag", what, name)
		}
	}
	other := open(t, withKeys(secondKey)).sessions
	if mine := session.LogID(s.sessions, id); mine != logID || mine == session.LogID(other, id) {
		t.Error("the log id is not made with the key")
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
		t.Error("the session went on")
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
		t.Errorf("%d sessions were begun", n)
	}
}

func TestASignOutThatCannotBeDoneSaysSo(t *testing.T) { // ASVS 7.4.1, 16.5.2
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		s.outage.Store(true)
		if _, err := s.sessions.SignOut(r.Context()); err == nil {
			t.Error("it says that it worked")
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	alice.get("/").leavesTag(t)
}

func TestASealedIDTokenOpensInItsOwnSessionOnly(t *testing.T) { // ASVS 14.2.4: a copied row too
	t.Parallel()
	s := open(t)
	alice, bob := s.signedIn("alice"), s.signedIn("bob")
	s.exec(`UPDATE sessions s SET id_token = o.id_token FROM sessions o WHERE o.id <> s.id`)
	alice.post("/logout", "").wants(t, "hint= err=<nil>")
	bob.post("/logout", "").wants(t, "hint= err=<nil>")
}
