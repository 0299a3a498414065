package auth_test

import (
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/customer"
)

// What real providers do that is allowed, or that a setting allows: docs/providers.md says which is
// whose.

// undated makes a shop that does not ask the provider when it authenticated anybody.
func undated(t *testing.T) *shop {
	return open(t, func(c *auth.Config) { c.MaxAge = 0 })
}

// OIDC Core 3.1.2.1, 5.5.1.1
func TestAuthTimeIsAskedForTwice(t *testing.T) {
	t.Parallel()
	s := open(t)
	address, err := s.begin(t, auth.Begin{})
	if err != nil {
		t.Fatal(err)
	}
	q := query(t, address)
	if q.Get("max_age") != "10800" || q.Get("claims") != `{"id_token":{"auth_time":{"essential":true}}}` {
		t.Errorf("max_age %q, claims %q", q.Get("max_age"), q.Get("claims"))
	}
}

func TestWithoutMaxAgeNothingIsAskedAndNothingIsProven(t *testing.T) {
	t.Parallel()
	s := undated(t)
	for name, claims := range map[string]func(map[string]any){
		"no auth_time": rogue.Drop("auth_time"), "an old auth_time": rogue.Shift("auth_time", -1000*time.Hour),
		"a new auth_time": nil,
	} {
		s.op.Forget()
		s.op.Follow(rogue.Script{Claims: claims})
		authn := s.mustSignIn(t, auth.Begin{})
		if !authn.AuthTime.IsZero() || authn.Reauthenticated {
			t.Errorf("%s: proves %s, fresh %v", name, authn.AuthTime, authn.Reauthenticated)
		}
		for _, r := range s.op.Requests(rogue.AuthorizePath) {
			if r.Query.Has("max_age") || r.Query.Has("claims") {
				t.Errorf("%s: asked %v", name, r.Query)
			}
		}
	}
}

// ASVS 7.5.3, 7.6.1: a reauthentication is proven or refused, also where the provider does not tell
// the age of an ordinary sign-in.
func TestWithoutMaxAgeAReauthenticationIsProvenOrRefused(t *testing.T) {
	t.Parallel()
	s := undated(t)
	again := auth.Begin{Prompt: "login", MaxAge: 5 * time.Minute,
		ExpectSubject: customer.Identity{Issuer: s.op.Issuer, Subject: "alice"}}
	for name, c := range map[string]struct {
		claims func(map[string]any)
		want   string
	}{
		"new":                      {nil, rogue.Accepted},
		"missing":                  {rogue.Drop("auth_time"), "auth_time"},
		"from before it was asked": {rogue.Shift("auth_time", -65*time.Second), "auth_time"},
		"ahead":                    {rogue.Shift("auth_time", 65*time.Second), "auth_time"},
	} {
		s.op.Follow(rogue.Script{Claims: c.claims})
		authn, err := s.signIn(t, again)
		if outcome(err) != c.want || err == nil && (!authn.Reauthenticated || !authn.AuthTime.Equal(s.clock.Now())) {
			t.Errorf("%s: %v, %+v", name, err, authn)
		}
	}
}

// A sign-in after one that ended here alone asks again, but the provider need not show that it did:
// nobody could sign in any more.
func TestWithoutMaxAgeReauthenticationNeedsNoAuthTime(t *testing.T) {
	t.Parallel()
	s := undated(t)
	for name, c := range map[string]struct {
		claims func(map[string]any)
		fresh  bool
	}{"new": {nil, true}, "missing": {rogue.Drop("auth_time"), false},
		"old": {rogue.Shift("auth_time", -time.Hour), false}} {
		s.op.Follow(rogue.Script{Claims: c.claims})
		if authn := s.mustSignIn(t, auth.Begin{Prompt: "login"}); authn.Reauthenticated != c.fresh ||
			authn.AuthTime.IsZero() == c.fresh {
			t.Errorf("%s: fresh %v at %s", name, authn.Reauthenticated, authn.AuthTime)
		}
	}
}

// OIDC Core 3.1.3.7 (3, 4)
func TestATrustedAudienceMayBeNamedBesideTheShop(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *auth.Config) { c.TrustedAudiences = []string{"project"} })
	for name, c := range map[string]struct {
		audience []string
		party    any
		want     string
	}{
		"trusted":             {[]string{rogue.ClientID, "project"}, rogue.ClientID, rogue.Accepted},
		"without azp":         {[]string{rogue.ClientID, "project"}, nil, "azp"},
		"azp of the project":  {[]string{rogue.ClientID, "project"}, "project", "azp"},
		"and one more":        {[]string{rogue.ClientID, "project", "other"}, rogue.ClientID, "azp"},
		"the project's alone": {[]string{"project"}, rogue.ClientID, "claims"},
	} {
		s.op.Follow(rogue.Script{Claims: func(m map[string]any) {
			m["aud"] = c.audience
			if c.party != nil {
				m["azp"] = c.party
			}
		}})
		if _, err := s.signIn(t, auth.Begin{}); outcome(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	token := s.op.LogoutToken("alice", "", rogue.Script{Claims: rogue.Set("aud", []string{rogue.ClientID, "project"})})
	if _, err := s.VerifyLogout(t.Context(), token); err != nil {
		t.Errorf("a logout token: %v", err)
	}
}

func TestALogoutTokenLivesAsLongAsIsAllowed(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *auth.Config) { c.LogoutLife = 15 * time.Minute })
	for life, want := range map[time.Duration]string{15 * time.Minute: rogue.Accepted,
		16*time.Minute + 5*time.Second: "time"} {
		script := rogue.Script{Claims: rogue.Shift("exp", life-2*time.Minute)}
		if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", script)); outcome(err) != want {
			t.Errorf("good for %s: %v, want %s", life, err, want)
		}
		if _, err := open(t).VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", script)); err == nil {
			t.Errorf("good for %s is taken by default", life)
		}
	}
}

func TestALogoutTokenRefusedForItsTypeNamesTheSetting(t *testing.T) {
	t.Parallel()
	s := open(t)
	for typ, named := range map[string]bool{"JWT": true, "": true, "at+jwt": false} {
		_, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", rogue.Script{Header: rogue.Set("typ", typ)}))
		if outcome(err) != "typ" || strings.Contains(err.Error(), "OIDC_LOOSE_LOGOUT_TYPE=1") != named {
			t.Errorf("typ %q: %v", typ, err)
		}
	}
}

func TestASignOutStaysAtTheShopWhereItIsToldTo(t *testing.T) {
	t.Parallel()
	for local, leads := range map[bool]bool{false: true, true: false} {
		s := open(t, func(c *auth.Config) { c.LocalSignOut = local })
		if to, ok := s.EndSession(t.Context(), "", ""); ok != leads {
			t.Errorf("local %v: leads to %q", local, to)
		}
	}
}

// RFC 6749 2.3.1: the secret goes into the form only where the provider offers nothing else, and a
// refused code is not presented twice.
func TestTheSecretGoesIntoTheFormWhereNothingElseIsOffered(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.SecretInForm = true
	s.mustSignIn(t, auth.Begin{})
	basic := open(t)
	basic.op.Follow(rogue.Script{Discovery: rogue.Set("token_endpoint_auth_methods_supported",
		[]string{"client_secret_post", "client_secret_basic"})})
	basic.mustSignIn(t, auth.Begin{})
	for name, r := range map[string]*shop{"form": s, "header": basic} {
		if asked := r.op.Requests(rogue.TokenPath); len(asked) != 1 ||
			asked[0].Form.Has("client_secret") != (name == "form") {
			t.Errorf("%s: %v", name, asked)
		}
	}
}
