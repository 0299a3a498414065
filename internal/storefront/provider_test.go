package storefront_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/customer"
)

// provider signs in whom a test names.
type provider struct {
	mu       sync.Mutex
	begun    []auth.Begin
	authns   map[string]auth.Authentication // by state
	failures map[string]error
	down     bool
	gone     bool                   // the sender of a logout has left
	tokens   map[string]auth.Logout // what VerifyLogout accepts
	refusal  error                  // of every callback that has no failure set
	creates  bool                   // has a page for new accounts
	logout   string                 // address of the provider's sign-out; empty: it has none
	finished int

	logoutState string // the state of the last sign-out
}

func (p *provider) Begin(_ context.Context, _ http.ResponseWriter, _ *http.Request, b auth.Begin) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return "", fmt.Errorf("%w: test", auth.ErrUnavailable)
	}
	p.begun = append(p.begun, b)
	state := fmt.Sprintf("state-%d", len(p.begun))
	p.authns[state] = auth.Authentication{ReturnTo: b.ReturnTo, Intent: b.Intent, Reauthenticated: b.Prompt == "login",
		IssuedAt: time.Now(),
		AuthTime: time.Now(), IDToken: "id-token-of-" + state}
	return "https://idp.example/authorize?state=" + state, nil
}

func (p *provider) CreatesAccounts() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.creates
}

func (p *provider) approve(state, subject string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	authn := p.authns[state]
	authn.Identity = customer.Identity{Issuer: "https://idp.example", Subject: subject, Name: "Customer " + subject,
		Email: subject + "@example.test"}
	p.authns[state] = authn
	return "/auth/callback?code=secret-code&state=" + state
}

// ages makes every open authentication older by that much.
func (p *provider) ages(by time.Duration) {
	for state, authn := range p.authns {
		authn.AuthTime = authn.AuthTime.Add(-by)
		p.authns[state] = authn
	}
}

// fail makes the next callback of a new state fail, and returns its path.
func (p *provider) fail(err error) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	state := fmt.Sprintf("failing-%d", len(p.failures))
	p.failures[state] = err
	return "/auth/callback?code=secret-code&state=" + state
}

func (p *provider) Finish(_ context.Context, _ http.ResponseWriter, r *http.Request) (auth.Authentication, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	state := r.URL.Query().Get("state")
	p.finished++
	if err := p.failures[state]; err != nil {
		repeated, _ := errors.AsType[auth.RepeatedError](err)
		return auth.Authentication{ReturnTo: repeated.ReturnTo}, err
	}
	authn, ok := p.authns[state]
	if !ok {
		return auth.Authentication{}, auth.ErrNoAttempt
	}
	delete(p.authns, state)
	p.failures[state] = auth.RepeatedError{ReturnTo: authn.ReturnTo}
	if p.refusal != nil {
		return auth.Authentication{ReturnTo: authn.ReturnTo, Intent: authn.Intent}, p.refusal
	}
	return authn, nil
}

// Drop clears the only attempt that a browser of these tests can have.
func (p *provider) Drop(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(attemptCookie); err == nil {
		http.SetCookie(w, &http.Cookie{Name: attemptCookie, Path: "/", MaxAge: -1, Secure: true})
	}
}

const attemptCookie = "__Host-attempt-0123456789abcdef"

func (p *provider) EndSession(_ context.Context, idToken, state string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.logoutState = state
	if p.logout == "" {
		return "", false
	}
	return p.logout + "?id_token_hint=" + idToken, true
}

func (p *provider) VerifyLogout(_ context.Context, raw string) (auth.Logout, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	logout, ok := p.tokens[raw]
	if p.gone {
		return auth.Logout{}, fmt.Errorf("%w: test: %w", auth.ErrUnavailable, context.Canceled)
	}
	if p.down {
		return auth.Logout{}, fmt.Errorf("%w: test", auth.ErrUnavailable)
	}
	if !ok {
		return auth.Logout{}, &auth.RefusedError{Check: auth.CheckToken}
	}
	return logout, nil
}

func (p *provider) set(change func(*provider)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}
