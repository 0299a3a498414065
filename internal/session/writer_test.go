package session_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
)

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

func TestASignInAfterTheHeaderHasLeftIsRefused(t *testing.T) { // its tag would reach nobody
	t.Parallel()
	s := open(t)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		s.authenticate(r, "alice", session.ErrAnswered)
	})
	s.browser().get("/")
	if n := s.count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("sessions: got %d, want none", n)
	}
}

func TestARouteIsWrappedOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	defer func() {
		if recover() == nil {
			t.Error("want a panic: a second Handler would replace the session of the first")
		}
	}()
	twice := s.sessions.Handler(s.sessions.Handler(http.NotFoundHandler()))
	twice.ServeHTTP(httptest.NewRecorder(), newRequest(t))
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
		t.Errorf("got %d with %v, want 503 without the page's headers", a.status, a.header)
	}
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
		t.Errorf("got %d %s, want 200 one two", a.status, a.body)
	}
	refused = errors.New("no")
	if a := alice.post("/", "value=lost"); a.status != http.StatusServiceUnavailable {
		t.Errorf("got %d %s, want 503", a.status, a.body)
	}
	s.server.Close()
	if said.Len() > 0 {
		t.Errorf("log: got %s, want nothing", &said)
	}
}

// S-10: 103 and Flush lose it in stock scs
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

func TestAnAnswerThatFailedWritesNothing(t *testing.T) { // ASVS 16.5.3
	t.Parallel()
	s := open(t)
	alice, guest := s.signedIn("alice"), s.browser()
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		s.sessions.Put(r.Context(), "a", "half done")
		w.WriteHeader(http.StatusInternalServerError)
	})
	alice.get("/").leavesTag(t)
	guest.get("/").leavesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions WHERE data ? 'a'`); n != 0 {
		t.Errorf("sessions with what a failed request put: got %d, want none", n)
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

// On a shared computer a tab may be closed right after the press.
func TestWhatAHandlerDoesAtOnceIsDoneWhenItsClientHasGone(t *testing.T) { // ASVS 7.4.1, 16.5.3
	t.Parallel()
	logout := session.Logout{Issuer: "https://idp.example", Subject: "sub-alice", TokenID: "1", IssuedAt: time.Now(),
		Keep: time.Minute}
	for name, do := range map[string]func(ctx context.Context, m *session.Manager, other string) error{
		"SignOut": func(ctx context.Context, m *session.Manager, _ string) error {
			_, err := m.SignOut(ctx)
			return err
		},
		"EndDevice": func(ctx context.Context, m *session.Manager, other string) error {
			_, err := m.EndDevice(ctx, other)
			return err
		},
		"EndOtherDevices": func(ctx context.Context, m *session.Manager, _ string) error {
			_, err := m.EndOtherDevices(ctx)
			return err
		},
		"EndByProvider": func(ctx context.Context, m *session.Manager, _ string) error {
			_, err := m.EndByProvider(ctx, logout)
			return err
		},
		"Extend": func(ctx context.Context, m *session.Manager, _ string) error { return m.Extend(ctx) },
	} {
		s := open(t)
		alice, other := s.signedIn("alice"), s.signedIn("alice")
		handle := other.get("/handle").body
		s.serve(func(_ http.ResponseWriter, r *http.Request) {
			ctx, leave := context.WithCancel(r.Context())
			leave()
			if err := do(ctx, s.sessions, handle); err != nil {
				t.Errorf("%s: got %v, want it done", name, err)
			}
		})
		alice.get("/")
	}
}

// The first look at the session ends with the request; what an answer waits for ends by itself.
func TestWhatAnAnswerWaitsForEndsInTime(t *testing.T) { // ASVS 16.5.2
	t.Parallel()
	var calls atomic.Int32
	s := open(t, withKeys(secondKey, firstKey), withStore(func(inner session.Store) session.Store {
		return patientStore{inner, &calls}
	}))
	alice := s.signedIn("alice")
	for what, ask := range map[string]func(){
		"a value": func() { alice.post("/put", "key=a&value=done").wants(t, "customer=alice") },
		"a use": func() {
			s.pass(2 * time.Minute)
			alice.get("/").wants(t, "customer=alice")
		},
		"a tag signed again": func() {
			alice.tag = mustRing(t).Sign(keyring.Tag, strings.Split(alice.tag, ".")[1])
			alice.get("/").wants(t, "customer=alice")
		},
	} {
		before := calls.Load()
		if ask(); calls.Load()-before != 1 {
			t.Errorf("%s: %d calls of the store wait for ever, want the first", what, calls.Load()-before)
		}
	}
}
