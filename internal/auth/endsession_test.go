package auth_test

import (
	"strings"
	"testing"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// RP-Initiated Logout 1.0 2; rp-init-logout
func TestEndSessionLeadsToTheProviderAndBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	authn := s.mustSignIn(t, auth.Begin{})
	address, ok := s.EndSession(t.Context(), authn.IDToken, "state")
	q := query(t, address)
	if !ok || !strings.HasPrefix(address, s.op.Issuer+rogue.EndSessionPath+"?") ||
		q.Get("client_id") != rogue.ClientID || q.Get("id_token_hint") != authn.IDToken {
		t.Fatalf("ok %v, %s", ok, address)
	}
	if back := s.visit(t, address); back != base+"/signed-out?state=state" {
		t.Errorf("leads back to %s", back)
	}
	for name, token := range map[string]string{"no token": "", "a token too long for a URL": strings.Repeat("A", 7<<10)} {
		if address, _ := s.EndSession(t.Context(), token, ""); len(address) > 1000 ||
			query(t, address).Has("id_token_hint") || query(t, address).Has("state") {
			t.Errorf("%s: %d characters, %v", name, len(address), query(t, address))
		}
	}
}

//
func TestWithoutEndSessionThereIsNowhereToGo(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]rogue.Script{
		"none":        {Discovery: rogue.Drop("end_session_endpoint")},
		"unusable":    {Discovery: rogue.Set("end_session_endpoint", "javascript:alert(1)")},
		"unreachable": {Answers: map[string]rogue.Answer{rogue.DiscoveryPath: {Status: 500}}},
	} {
		s := open(t)
		s.op.Follow(script)
		if address, ok := s.EndSession(t.Context(), "token", "state"); ok || address != "" {
			t.Errorf("%s: %q", name, address)
		}
	}
}
