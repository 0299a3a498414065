package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
)

func shopThatRefuses(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestPagesCarryTheirHeadersAndNoScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	login := w.browser.Open(w.rp.Attempt().Address, callback)
	wrong := login.Submit(url.Values{"email": {`"><script>x</script>`}}, callback)
	w.signIn(w.browser, alice)
	for name, page := range map[string]*providertest.Page{
		"login": login, "wrong": wrong,
		"home":       w.browser.Open(w.issuer+"/", ""),
		"logout":     w.browser.Open(w.rp.EndSession(nil), ""),
		"error":      w.browser.Open(w.issuer+"/login?request=x", ""),
		"signed out": w.browser.Open(w.issuer+"/signed-out", ""),
	} {
		policy := page.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self' " + shopURL,
			"base-uri 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: policy %q lacks %s", name, policy, part)
			}
		}
		if page.Header.Get("Cache-Control") != "no-store" || page.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", name, page.Header)
		}
		if strings.Contains(page.Body, "<script") || strings.Contains(page.Body, "style=") {
			t.Errorf("%s has a script or an inline style", name)
		}
		if !strings.Contains(page.Body, `<html lang="en">`) || strings.Count(page.Body, "<h1>") != 1 {
			t.Errorf("%s:\n%s", name, page.Body)
		}
	}
	if !strings.Contains(wrong.Body, "<title>Error: ") {
		t.Error("the title does not say that there is an error")
	}
}

func TestCookieIsKeptFromScriptsAndOtherSites(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string]string{
		"http://idp.localhost:8081": "; Path=/; HttpOnly; SameSite=Lax",
		"https://idp.example":       "; Path=/; HttpOnly; Secure; SameSite=Lax",
	} {
		p, err := provider.New(provider.Config{Issuer: issuer, Dir: t.TempDir()})
		must(t, err)
		start := httptest.NewRecorder()
		p.ServeHTTP(start, httptest.NewRequest(http.MethodGet, "/authorize?client_id=shop&response_type=code&scope=openid"+
			"&redirect_uri="+url.QueryEscape(callback)+"&code_challenge=x&code_challenge_method=S256", nil))
		form := credentials(alice)
		_, request, _ := strings.Cut(start.Header().Get("Location"), "request=")
		form.Set("request", request)
		post := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(form.Encode()))
		post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		done := httptest.NewRecorder()
		p.ServeHTTP(done, post)
		if cookie := done.Header().Get("Set-Cookie"); !strings.HasSuffix(cookie, want) {
			t.Errorf("%s sets %q", issuer, cookie)
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signIn(w.browser, alice)
	for _, path := range []string{"/login", "/register", "/end_session/confirm"} {
		request := httptest.NewRequest(http.MethodPost, path, nil)
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		answer := httptest.NewRecorder()
		w.provider.ServeHTTP(answer, request)
		if answer.Code != http.StatusForbidden {
			t.Errorf("%s answers %d", path, answer.Code)
		}
	}
}

func TestHomeEndsTheSessionHereOrEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone := providertest.NewBrowser(t)
	w.signIn(w.browser, alice)
	w.signIn(phone, alice)
	home := w.browser.Open(w.issuer+"/", "")
	if !strings.Contains(home.Body, "all 2 browsers") {
		t.Errorf("home does not tell of the other browser:\n%s", home.Body)
	}
	home.Submit(nil, "")
	if w.signedIn(w.browser) || !w.signedIn(phone) {
		t.Fatal("signing out here ended the wrong session")
	}
	w.signIn(w.browser, alice)
	w.browser.Open(w.issuer+"/", "").Submit(url.Values{"everywhere": {"yes"}}, "")
	if w.signedIn(w.browser) || w.signedIn(phone) {
		t.Error("signing out everywhere left a session")
	}
	if len(w.logout) != 3 {
		t.Errorf("logout tokens: got %d, want 3", len(w.logout))
	}
}
