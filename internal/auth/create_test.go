package auth_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// OIDC Prompt Create 1.0 4.2
func TestAccountsAreCreatedWhereTheProviderSaysSo(t *testing.T) {
	t.Parallel()
	forced := func(c *auth.Config) { c.PromptCreate = true }
	for name, c := range map[string]struct {
		change func(*auth.Config)
		values any
		want   bool
	}{
		"listed":             {func(*auth.Config) {}, []string{"none", "login", "create"}, true},
		"others listed":      {func(*auth.Config) {}, []string{"none", "login"}, false},
		"nothing listed":     {func(*auth.Config) {}, nil, false},
		"nothing but forced": {forced, nil, true},
		"no auth_time":       {func(c *auth.Config) { c.MaxAge = 0 }, []string{"create"}, false},
	} {
		s := open(t, c.change)
		s.op.Follow(rogue.Script{Discovery: rogue.Set("prompt_values_supported", c.values)})
		if s.CreatesAccounts() {
			t.Errorf("%s: accounts are offered before the provider was reached", name)
		}
		s.mustSignIn(t, auth.Begin{})
		if got := s.CreatesAccounts(); got != c.want {
			t.Errorf("%s: accounts are offered: got %t, want %t", name, got, c.want)
		}
	}
}

// OIDC Prompt Create 1.0 4.1: the request differs from a sign-in's by its prompt alone, and its
// answer passes the same checks.
func TestANewAccountIsAskedForAndProvenLikeASignIn(t *testing.T) {
	t.Parallel()
	s := open(t)
	create := auth.Begin{ReturnTo: "/checkout", Prompt: "create"}
	address, err := s.begin(t, create)
	if err != nil {
		t.Fatal(err)
	}
	q := query(t, address)
	if q.Get("prompt") != "create" || q.Get("max_age") != "10800" || len(q.Get("code_challenge")) != 43 ||
		len(q.Get("nonce")) != 43 || len(q.Get("state")) != 43 {
		t.Errorf("the request asks %v", q)
	}
	authn, err := s.finish(t, s.visit(t, address))
	if err != nil || authn.ReturnTo != "/checkout" || !authn.Reauthenticated || authn.Identity.Subject != "alice" {
		t.Errorf("got %+v, %v, want Alice, fresh, at the checkout", authn, err)
	}
	s.op.Follow(rogue.Script{Claims: rogue.Set("nonce", "another's")})
	if _, err := s.signIn(t, create); outcome(err) != string(auth.CheckNonce) {
		t.Errorf("another's token: got %v, want refused (nonce)", err)
	}
}

// A provider that passes over prompt=create would sign a stranger in as the one who used the
// browser before them, or answers with an error.
func TestAProviderThatIgnoresCreateSignsNobodyElseIn(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Age: 10 * time.Minute})
	s.mustSignIn(t, auth.Begin{})
	if authn, err := s.signIn(t, auth.Begin{Prompt: "create"}); outcome(err) != string(auth.CheckAge) {
		t.Errorf("the session from before answers: got %+v, %v, want refused (auth_time)", authn, err)
	}
	s.op.Follow(rogue.Script{Response: func(q url.Values) { q.Del("code"); q.Set("error", "invalid_request") }})
	var refused *auth.RefusedError
	if _, err := s.signIn(t, auth.Begin{Prompt: "create"}); !errors.As(err, &refused) {
		t.Errorf("an error: got %v, want it refused", err)
	}
}
