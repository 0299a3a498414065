package storefront_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/storefront"
)

// tell sends a logout token as a provider does: server to server, under another name, without a
// browser's headers.
func (s *shop) tell(form url.Values) reply {
	s.t.Helper()
	provider := s.visitor()
	provider.bare = true
	return provider.postForm("/auth/backchannel-logout", form, with{"Host", "shop.internal:8080"})
}

// logoutOf makes the provider's token name a subject.
func (s *shop) logoutOf(token, subject string) {
	s.provider.set(func(p *provider) {
		if p.tokens == nil {
			p.tokens = map[string]auth.Logout{}
		}
		p.tokens[token] = auth.Logout{Issuer: "https://idp.example", Subject: subject, TokenID: token,
			IssuedAt: time.Now().Add(time.Second), Expires: time.Now().Add(2 * time.Minute)}
	})
}

func TestProviderSignsACustomerOut(t *testing.T) { // OIDC Back-Channel Logout 1.0, 2.5, 2.8
	t.Parallel()
	s := newShop(t)
	ann, bob := s.visitor(), s.visitor()
	ann.signIn("ann", "")
	bob.signIn("bob", "")
	s.logoutOf("good", "ann")
	r := s.tell(url.Values{"logout_token": {"good"}, "unknown": {"x"}})
	wantStatus(t, r, http.StatusOK)
	if r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Set-Cookie") != "" {
		t.Errorf("headers %v, want no-store and no cookie", r.Header)
	}
	wantLocation(t, ann.get("/account"), "/login?return_to=%2Faccount")
	wantBody(t, ann.get("/login?return_to=%2Faccount"), `data-reason="back_channel"`)
	wantStatus(t, bob.get("/account"), http.StatusOK)
	if strings.Contains(s.logged(), `"good"`) {
		t.Error("the token is in the log (ASVS 16.2.5)")
	}
}

func TestUnknownSubjectIs200(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logoutOf("good", "nobody")
	wantStatus(t, s.tell(url.Values{"logout_token": {"good"}}), http.StatusOK)
}

func TestLogoutTokenIsRefusedWith400(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logoutOf("good", "ann")
	wantStatus(t, s.tell(url.Values{"logout_token": {"good"}}), http.StatusOK)
	for name, form := range map[string]url.Values{"replayed": {"logout_token": {"good"}},
		"forged": {"logout_token": {"bad"}}, "none": {}, "two": {"logout_token": {"good", "good"}}} {
		if r := s.tell(form); r.StatusCode != http.StatusBadRequest || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v, want 400 and no-store", name, r.StatusCode, r.Header)
		}
	}
	s.logoutOf("later", "ann")
	s.exec(`ALTER TABLE used_logout_tokens RENAME TO away`)
	wantStatus(t, s.tell(url.Values{"logout_token": {"later"}}), http.StatusBadRequest)
}

func TestLogoutTokenComesAsAForm(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	wantStatus(t, b.get("/auth/backchannel-logout"), http.StatusMethodNotAllowed)
	wantStatus(t,
		b.send(http.MethodPost, "/auth/backchannel-logout", strings.NewReader(`{}`),
			with{"Content-Type", "application/json"}), http.StatusUnsupportedMediaType)
	wantStatus(t, s.tell(url.Values{"logout_token": {strings.Repeat("x", 1<<20)}}), http.StatusRequestEntityTooLarge)
	forged := s.visitor()
	wantStatus(t,
		forged.postForm("/auth/backchannel-logout", url.Values{"logout_token": {"good"}},
			with{"Sec-Fetch-Site", "cross-site"}), http.StatusForbidden)
}

func TestAFloodOfLogoutTokensIsSlowed(t *testing.T) { // S-17
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates.Logout = storefront.Rate{Requests: 5, Per: time.Minute} })
	slowed := false
	for range 10 {
		slowed = slowed || s.tell(url.Values{"logout_token": {"bad"}}).StatusCode == http.StatusTooManyRequests
	}
	if !slowed {
		t.Error("ten tokens against a limit of five: none was refused with 429")
	}
}

// however often a provider tries again, the answer is 200 or 400
func TestALogoutThatCouldNotBeDoneIsNotCounted(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates.Logout = storefront.Rate{Requests: 1, Per: time.Hour} })
	s.logoutOf("good", "ann")
	s.exec(`ALTER TABLE used_logout_tokens RENAME TO away`)
	for range 3 {
		wantStatus(t, s.tell(url.Values{"logout_token": {"good"}}), http.StatusBadRequest)
	}
	s.exec(`ALTER TABLE away RENAME TO used_logout_tokens`)
	s.provider.set(func(p *provider) { p.down = true })
	for range 3 {
		wantStatus(t, s.tell(url.Values{"logout_token": {"good"}}), http.StatusBadRequest)
	}
	s.provider.set(func(p *provider) { p.down = false })
	// and twice once more, as after an answer that was lost
	for _, want := range []int{http.StatusOK, http.StatusBadRequest, http.StatusBadRequest} {
		wantStatus(t, s.tell(url.Values{"logout_token": {"good"}}), want)
	}
}
