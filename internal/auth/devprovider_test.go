package auth_test

import (
	"crypto/elliptic"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/keyring"
)

// A provider that is nothing like the rogue one: sign-in with a page, single sign-on, a fresh
// authentication, sign-out, two key rotations, and back-channel logout, for a shop that proves
// itself by its secret, and for one that does by its key.
func TestTheDevelopmentProviderIsUnderstood(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]*auth.ClientKey{"by secret": nil,
		"by key": parsed(t, pkcs8(t, elliptical(t, elliptic.P256())))} {
		t.Run(name, func(t *testing.T) { t.Parallel(); understand(t, key) })
	}
}

func understand(t *testing.T, key *auth.ClientKey) {
	address, tokens := providertest.Backchannel(t)
	const shopURL = "http://localhost:8080"
	known := provider.Config{ShopURLs: []string{shopURL}, BackchannelURL: address}
	if key != nil {
		known.ClientKeys, _ = auth.JWKS(key)
	}
	op, issuer := providertest.Start(t, known)
	keys, err := keyring.New(strings.Repeat("k", keyring.MinKeyLength))
	if err != nil {
		t.Fatal(err)
	}
	c := config(t, issuer)
	c.ClientID, c.ClientSecret, c.BaseURL, c.Keys = provider.DefaultClientID, provider.DefaultClientSecret, shopURL, keys
	if key != nil {
		c.ClientSecret, c.ClientKey = "", key
	}
	s := &shop{Provider: newProvider(t, c), browser: &browser{}}
	visitor := providertest.NewBrowser(t)
	password := url.Values{"email": {"alice@example.test"}, "password": {"password"}, "action": {"sign-in"}}

	begun, err := s.begin(t, auth.Begin{})
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.finish(t, visitor.Open(begun, shopURL).Submit(password, shopURL).URL.String())
	if err != nil || first.Identity.Email != "alice@example.test" || first.Identity.Name == "" || first.SID == "" {
		t.Fatalf("sign-in: %+v, %v", first.Identity, err)
	}
	for range 2 {
		if err := op.RotateKeys(); err != nil {
			t.Fatal(err)
		}
	}
	begun, _ = s.begin(t, auth.Begin{})
	again, err := s.finish(t, visitor.Open(begun, shopURL).URL.String())
	if err != nil || again.SID != first.SID || again.Identity != first.Identity {
		t.Fatalf("single sign-on with a new key: %+v, %v", again.Identity, err)
	}
	begun, _ = s.begin(t, auth.Begin{Prompt: "login", MaxAge: 5 * time.Minute, ExpectSubject: first.Identity})
	fresh, err := s.finish(t, visitor.Open(begun, shopURL).Submit(password, shopURL).URL.String())
	if err != nil || fresh.Identity != first.Identity || fresh.AuthTime.Before(first.AuthTime) {
		t.Fatalf("a reauthentication: %+v, %v", fresh.Identity, err)
	}
	end, ok := s.EndSession(t.Context(), fresh.IDToken, "state")
	if back := visitor.Open(end, shopURL).URL.String(); !ok || back != shopURL+"/signed-out?state=state" {
		t.Errorf("sign-out leads to %s", back)
	}
	if logout, err := s.VerifyLogout(t.Context(), <-tokens); err != nil || logout.SID != fresh.SID {
		t.Errorf("logout token: %+v, %v", logout, err)
	}
	begun, _ = s.begin(t, auth.Begin{})
	page := visitor.Open(begun, shopURL).Submit(url.Values{"action": {"cancel"}}, shopURL)
	if _, err := s.finish(t, page.URL.String()); !errors.Is(err, auth.ErrCancelled) {
		t.Errorf("cancelled: %v", err)
	}
}
