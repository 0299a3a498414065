package provider

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

func TestEverythingExpiredIsForgotten(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := newMemory(func() time.Time { return now }, nil)
	r := m.addRequest(authRequest{})
	s, _ := m.authenticated("", person{Subject: "x"})
	r, err := m.answer(r.id, s)
	if err != nil {
		t.Fatal(err)
	}
	m.addCode("code", r.id)
	if _, err := m.addGrant(r); err != nil {
		t.Fatal(err)
	}
	m.addRequest(authRequest{})
	now = now.Add(sessionLifetime)
	m.prune()
	if n := len(m.requests) + len(m.codes) + len(m.sessions) + len(m.grants); n != 0 {
		t.Errorf("%d things outlived their time", n)
	}
}

// Expiry is exact: it does not wait for the next sweep.
func TestExpiredSessionIsNobodysBeforeItIsForgotten(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := newMemory(func() time.Time { return now }, nil)
	s, _ := m.authenticated("", person{Email: "x"})
	now = now.Add(sessionLifetime - time.Second)
	if _, ok := m.current(s.cookie); !ok {
		t.Error("ended a second early")
	}
	now = now.Add(time.Second)
	if _, ok := m.current(s.cookie); ok {
		t.Error("still signs in")
	}
	if _, ok := m.endSession(s.sid); ok || len(m.sessionsOf("x")) != 0 {
		t.Error("can still be ended")
	}
}

func TestNoAnswerFollowsOnceTheCodeIsTaken(t *testing.T) { // RFC 6749 4.1.2
	t.Parallel()
	now := time.Now()
	m := newMemory(func() time.Time { return now }, nil)
	r := m.addRequest(authRequest{})
	s, _ := m.authenticated("", person{})
	for range 2 {
		if _, err := m.answer(r.id, s); err != nil {
			t.Fatal(err)
		}
	}
	m.addCode("code", r.id)
	if _, err := m.takeCode("code"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.answer(r.id, s); !errors.Is(err, errUnknownRequest) {
		t.Errorf("an answer after the code was taken: got %v, want %v", err, errUnknownRequest)
	}
}

func TestExpiredHintStillSignsOut(t *testing.T) {
	t.Parallel()
	p, err := New(Config{Issuer: "http://idp.localhost:8081", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	alice := p.memory.people[0]
	s, _ := p.memory.authenticated("", alice)
	yesterday := time.Now().Add(-24 * time.Hour).Unix()
	hint, err := p.keys.sign("JWT", map[string]any{
		"iss": p.config.Issuer, "sub": alice.Subject, "aud": "shop", "azp": "shop", "sid": s.sid,
		"iat": yesterday, "exp": yesterday + 300, "auth_time": yesterday,
	})
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {DefaultShopURL + signedOutPath}}
	request := httptest.NewRequest(http.MethodGet, "/end_session?"+query.Encode(), nil)
	request.AddCookie(&http.Cookie{Name: p.cookieName(), Value: s.cookie})
	answer := httptest.NewRecorder()
	p.ServeHTTP(answer, request)
	if answer.Header().Get("Location") != DefaultShopURL+signedOutPath {
		t.Errorf("%d to %q", answer.Code, answer.Header().Get("Location"))
	}
	if err := p.EndSession(context.Background(), s.sid); !errors.Is(err, ErrNoSession) {
		t.Errorf("the session is still there: %v", err)
	}
}

func TestOnePasswordIsKeptDifferentlyForEach(t *testing.T) {
	t.Parallel()
	first, err := newVerifier("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	second, err := newVerifier("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if first.hash == second.hash || first.salt == second.salt {
		t.Errorf("got %+v twice, want another salt and hash", first)
	}
	if !second.matches("correct horse") || second.matches("correct hors") {
		t.Error("a password's verifier does not tell it from another")
	}
}
