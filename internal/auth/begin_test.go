package auth_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// OIDC Core 3.1.2.1: what a sign-in does not ask for stands nowhere in the request, not even empty.
func TestARequestHoldsWhatIsAskedForAndNothingElse(t *testing.T) {
	t.Parallel()
	always := []string{"client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "response_type",
		"scope", "state"}
	for _, c := range []struct {
		name   string
		maxAge time.Duration // as configured
		begin  auth.Begin
		more   []string
	}{
		{"nothing", 0, auth.Begin{}, nil},
		{"an age", time.Hour, auth.Begin{}, []string{"claims", "max_age"}},
		{"a prompt", 0, auth.Begin{Prompt: "login"}, []string{"prompt"}},
		{"a context class", 0, auth.Begin{ACR: []string{"mfa"}}, []string{"acr_values"}},
	} {
		s := open(t, func(config *auth.Config) { config.MaxAge = c.maxAge })
		address, err := s.begin(t, c.begin)
		if err != nil {
			t.Fatal(err)
		}
		got, want := slices.Sorted(maps.Keys(query(t, address))), slices.Concat(always, c.more)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s is asked for: got the parameters %q, want %q", c.name, got, want)
		}
	}
}

// OIDC Core 3.1.2.1: a prompt that lets the provider answer from its session is no new proof.
func TestOnlyAPromptThatMakesTheProviderAskIsAReauthentication(t *testing.T) {
	t.Parallel()
	for prompt, want := range map[string]string{
		"": rogue.Accepted, "select_account": rogue.Accepted, "consent": rogue.Accepted,
		"login": string(auth.CheckAge), "create": string(auth.CheckAge), "consent login": string(auth.CheckAge),
	} {
		s := open(t)
		s.op.Follow(rogue.Script{Age: time.Hour})
		authn, err := s.signIn(t, auth.Begin{Prompt: prompt})
		if outcome(err) != want || authn.Reauthenticated {
			t.Errorf("an hour after the password, prompt %q: got %v, reauthenticated %t; want %s", prompt, err,
				authn.Reauthenticated, want)
		}
	}
}

// Where no age is asked for, an auth_time counts only with a prompt that has made it new: a wrong
// one keeps nobody else out, and dates nothing.
func TestAnAgeThatWasNotAskedForIsNotJudged(t *testing.T) {
	t.Parallel()
	for prompt, want := range map[string]string{"": rogue.Accepted, "login": string(auth.CheckAge)} {
		s := open(t, func(c *auth.Config) { c.MaxAge = 0 })
		s.op.Follow(rogue.Script{Claims: rogue.Set("auth_time", s.clock.Now().Add(time.Hour).Unix())})
		authn, err := s.signIn(t, auth.Begin{Prompt: prompt})
		if outcome(err) != want || !authn.AuthTime.IsZero() {
			t.Errorf("auth_time an hour ahead, prompt %q: got %v and %s, want %s and no time", prompt, err, authn.AuthTime,
				want)
		}
	}
}

// The other cookies of the shop are none of a sign-in's business.
func TestASignInClearsNoCookieButItsOwn(t *testing.T) {
	t.Parallel()
	s := open(t)
	for what, act := range map[string]func(http.ResponseWriter, *http.Request){
		"a sign-in begins": func(w http.ResponseWriter, r *http.Request) {
			if _, err := s.Begin(t.Context(), w, r, auth.Begin{}); err != nil {
				t.Error(err)
			}
		},
		"a sign-out drops": func(w http.ResponseWriter, r *http.Request) { s.Drop(w, r) },
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, base+"/login", nil)
		r.Header.Set("Cookie", "__Host-tag=tag; other=other; __Host-attempt-0=false")
		act(w, r)
		for _, line := range w.Result().Header["Set-Cookie"] {
			if !strings.HasPrefix(line, "__Host-attempt-") {
				t.Errorf("%s: got the cookie %q, want attempts' only", what, line)
			}
		}
	}
}
