package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// OIDC Back-Channel Logout 1.0 2.4, X-13
func TestALogoutTokenTellsWhoseSessionsEnd(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct{ subject, sid string }{{"alice", "sid-1"}, {"alice", ""}, {"", "sid-1"}} {
		token := s.op.LogoutToken(c.subject, c.sid, rogue.Script{Claims: rogue.Set("unknown", true)})
		logout, err := s.VerifyLogout(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if logout.Issuer != s.op.Issuer || logout.Subject != c.subject || logout.SID != c.sid || len(logout.TokenID) != 26 {
			t.Errorf("logout %+v", logout)
		}
		if !logout.IssuedAt.Equal(s.clock.Now()) || logout.Expires.Before(s.clock.Now().Add(2*time.Minute)) {
			t.Errorf("issued %s, expires %s", logout.IssuedAt, logout.Expires)
		}
	}
}

// ASVS 15.2.2: nobody is asked about what cannot be a token.
func TestALogoutTokenOfNoUsableLengthCostsNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, raw := range []string{"", strings.Repeat("a", 1<<20)} {
		if _, err := s.VerifyLogout(t.Context(), raw); outcome(err) != string(auth.CheckToken) {
			t.Errorf("%d characters: %v", len(raw), err)
		}
	}
	if asked := s.op.Requests(""); len(asked) != 0 {
		t.Errorf("the provider was asked %d times", len(asked))
	}
}

// Each token ends as the table says, by the check that is there for it; a refused one returns
// nothing, nobody fetches the key from where it says, and a correct one is accepted right after.
// OIDC Back-Channel Logout 1.0 2.6, ASVS 9.1.3, 10.5.5, S-16, X-12
func TestEveryFaultOfALogoutTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, fault := range rogue.LogoutFaults() {
		t.Run(fault.Name, func(t *testing.T) {
			s.op.Forget()
			var script rogue.Script
			fault.Change(&script)
			logout, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "sid-1", script))
			if outcome(err) != fault.Want || err != nil && logout != (auth.Logout{}) {
				t.Errorf("%v, want %s", err, fault.Want)
			}
			for _, r := range s.op.Requests("") {
				if r.Path != rogue.DiscoveryPath && r.Path != rogue.KeysPath {
					t.Errorf("%s was asked", r.Path)
				}
			}
			if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "sid-1", rogue.Script{})); err != nil {
				t.Errorf("a correct token afterwards: %v", err)
			}
		})
	}
}

func TestWhatIsNoLogoutTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	idToken := s.mustSignIn(t, auth.Begin{}).IDToken
	for name, token := range map[string]string{"empty": "", "rubbish": "a.b.c", "1 MB": strings.Repeat("A", 1<<20),
		"an ID token": idToken} {
		var refused *auth.RefusedError
		if _, err := s.VerifyLogout(t.Context(), token); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// C-2
func TestTheLooseSwitchTakesLogoutTokensWithoutTheirTypeOnly(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *auth.Config) { c.LooseLogoutType = true })
	for typ, good := range map[any]bool{nil: true, "JWT": true, "logout+jwt": true, "LOGOUT+JWT": true, "at+jwt": false,
		"id+jwt": false} {
		script := rogue.Script{Header: rogue.Set("typ", typ)}
		if typ == nil {
			script.Header = rogue.Drop("typ")
		}
		if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", script)); (err == nil) != good {
			t.Errorf("typ %v: %v", typ, err)
		}
	}
}

func TestLogoutWithoutTheProvidersKeysIsAnOutage(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.KeysPath: {Status: 500}}})
	if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", rogue.Script{})); !errors.Is(err,
		auth.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}
