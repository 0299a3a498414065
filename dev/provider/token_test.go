package provider_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
)

// code signs alice in and stops before the exchange.
func (w *world) code() (providertest.Attempt, string) {
	w.Helper()
	attempt := w.rp.Attempt(providertest.Param("prompt", "login"))
	page := w.browser.Open(attempt.Address, callback).Submit(credentials(alice), callback)
	return attempt, page.URL.Query().Get("code")
}

func wantTokenError(t *testing.T, err error, status int, code string) {
	t.Helper()
	var problem *oauth2.RetrieveError
	if !errors.As(err, &problem) || problem.Response.StatusCode != status || problem.ErrorCode != code {
		t.Errorf("got %v, want %d %s", err, status, code)
	}
}

func TestReplayedCodeIsRefusedAndWithdrawsItsToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt, code := w.code()
	identity, err := w.rp.Exchange(attempt, code)
	must(t, err)
	source := w.rp.OAuth.TokenSource(w.rp.Context, identity.Token)
	if _, err := w.rp.Provider.UserInfo(w.rp.Context, source); err != nil {
		t.Fatal(err)
	}
	_, err = w.rp.Exchange(attempt, code)
	wantTokenError(t, err, http.StatusBadRequest, "invalid_grant")
	if _, err := w.rp.Provider.UserInfo(w.rp.Context, source); err == nil {
		t.Error("the access token outlived the replay of its code")
	}
}

func TestParallelExchangesOfOneCodeGiveOneToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt, code := w.code()
	results := make(chan error)
	for range 8 {
		go func() {
			_, err := w.rp.Exchange(attempt, code)
			results <- err
		}()
	}
	won := 0
	for range 8 {
		if <-results == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d of 8 exchanges succeeded", won)
	}
}

func TestACodeIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*world, *providertest.Attempt){
		"a minute later":       func(w *world, _ *providertest.Attempt) { w.clock.pass(time.Minute) },
		"its session ended":    func(w *world, _ *providertest.Attempt) { _, _ = w.provider.EndSessions(w.Context(), alice) },
		"another verifier":     func(_ *world, a *providertest.Attempt) { a.Verifier = oauth2.GenerateVerifier() },
		"another redirect URI": func(w *world, _ *providertest.Attempt) { w.rp.OAuth.RedirectURL += "/x" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			attempt, code := w.code()
			spoil(w, &attempt)
			_, err := w.rp.Exchange(attempt, code)
			wantTokenError(t, err, http.StatusBadRequest, "invalid_grant")
		})
	}
}

func TestClientMustProveItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt, code := w.code()
	for name, spoil := range map[string]func(*oauth2.Config){
		"wrong secret":       func(c *oauth2.Config) { c.ClientSecret = "shop-secre" },
		"no secret":          func(c *oauth2.Config) { c.ClientSecret = "" },
		"wrong client":       func(c *oauth2.Config) { c.ClientID = "shop2" },
		"secret in the body": func(c *oauth2.Config) { c.Endpoint.AuthStyle = oauth2.AuthStyleInParams },
	} {
		rp := *w.rp
		spoil(&rp.OAuth)
		_, err := rp.Exchange(attempt, code)
		t.Run(name, func(t *testing.T) { wantTokenError(t, err, http.StatusUnauthorized, "invalid_client") })
	}
	if _, err := w.rp.Exchange(attempt, code); err != nil {
		t.Errorf("strangers spent the code: %v", err)
	}
}

func TestSecretIsFormDecoded(t *testing.T) {
	t.Parallel()
	const secret = "a+b:c%d e&ö"
	_, issuer := providertest.Start(t, provider.Config{ClientSecret: secret})
	w := &world{T: t, rp: providertest.NewRP(t, issuer, callback), browser: providertest.NewBrowser(t)}
	w.rp.OAuth.ClientSecret = secret
	w.signIn(w.browser, alice)
}

func TestOtherGrantsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, grant := range []string{"", "refresh_token", "client_credentials", "password",
		"urn:ietf:params:oauth:grant-type:jwt-bearer"} {
		form := url.Values{"grant_type": {grant}, "username": {alice}, "password": {"password"}}
		request, err := http.NewRequest(http.MethodPost, w.rp.OAuth.Endpoint.TokenURL, strings.NewReader(form.Encode()))
		must(t, err)
		request.SetBasicAuth("shop", "shop-secret")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := providertest.Client().Do(request)
		must(t, err)
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if !strings.Contains(string(body), "unsupported_grant_type") {
			t.Errorf("grant %q: %s", grant, body)
		}
		if response.StatusCode != http.StatusBadRequest || response.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("grant %q: %s, Cache-Control %q", grant, response.Status, response.Header.Get("Cache-Control"))
		}
	}
}

func TestAccessTokenExpiresAndEndsWithTheSession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*world){
		"expired":       func(w *world) { w.clock.pass(5 * time.Minute) },
		"session ended": func(w *world) { _, _ = w.provider.EndSessions(w.Context(), alice) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			identity := w.signIn(w.browser, alice)
			source := w.rp.OAuth.TokenSource(w.rp.Context, identity.Token)
			end(w)
			if _, err := w.rp.Provider.UserInfo(w.rp.Context, source); err == nil || !strings.Contains(err.Error(), "401") {
				t.Errorf("userinfo said %v", err)
			}
		})
	}
}
