//go:build keycloak

package keycloak

import (
	"encoding/base64"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"hookandtag.example/shop/dev/provider/providertest"
)

// logoutTokens listens where Keycloak sends them.
func (w *world) logoutTokens() <-chan string {
	w.Helper()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		w.Fatalf("back-channel listener: %v", err)
	}
	tokens := make(chan string, 8)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		tokens <- r.PostFormValue("logout_token")
	}))
	server.Listener.Close()
	server.Listener = listener
	// Else Keycloak would try the next test's listener over a connection to this one.
	server.Config.SetKeepAlivesEnabled(false)
	server.Start()
	w.Cleanup(server.Close)
	return tokens
}

func TestLogoutReturnsAndTellsTheShop(t *testing.T) {
	w := newWorld(t)
	tokens := w.logoutTokens()
	phone := providertest.NewBrowser(t)
	got, other := w.signIn(w.browser, alice), w.signIn(phone, alice)
	if got.SID == other.SID {
		t.Fatal("two browsers share a sid")
	}
	page := w.browser.Open(w.rp.EndSession(url.Values{
		"id_token_hint": {got.IDToken}, "post_logout_redirect_uri": {w.signedOut}, "state": {"some state"},
	}), w.signedOut)
	if page.Status != 0 || page.URL.Query().Get("state") != "some state" {
		t.Fatalf("%d at %s:\n%s", page.Status, page.URL, page.Body)
	}
	if w.signedIn(w.browser) || !w.signedIn(phone) {
		t.Error("the wrong session ended")
	}
	var raw string
	select {
	case raw = <-tokens:
	case <-time.After(10 * time.Second):
		t.Fatal("no logout token within ten seconds")
	}
	logout, err := w.rp.Provider.VerifierContext(w.rp.Context, &oidc.Config{ClientID: "shop"}).VerifyLogout(w.rp.Context,
		raw)
	if err != nil {
		t.Fatal(err)
	}
	encoded, _, _ := strings.Cut(raw, ".")
	header, _ := base64.RawURLEncoding.DecodeString(encoded)
	t.Logf("logout token: header %s, lives %s, returned to %s", header, logout.Expiry.Sub(logout.IssuedAt), page.URL)
	if logout.SessionID != got.SID || logout.Subject != got.Subject {
		t.Errorf("logout token: got sid %s of %s, want %s", logout.SessionID, logout.Subject, got.SID)
	}
	if len(tokens) != 0 {
		t.Error("got more than one logout token, want one")
	}
}

func TestLogoutMayBePosted(t *testing.T) {
	w := newWorld(t)
	w.logoutTokens()
	got := w.signIn(w.browser, alice)
	// Without cookies, as a post of another site arrives: the hint alone has to do.
	client := providertest.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.PostForm(w.rp.Metadata.EndSession, url.Values{
		"id_token_hint": {got.IDToken}, "post_logout_redirect_uri": {w.signedOut}, "state": {"x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if location := response.Header.Get("Location"); location != w.signedOut+"?state=x" || w.signedIn(w.browser) {
		t.Errorf("%s to %q, signed in %t", response.Status, location, w.signedIn(w.browser))
	}
}

func TestLogoutWithoutHintAsks(t *testing.T) {
	w := newWorld(t)
	w.logoutTokens()
	w.signIn(w.browser, alice)
	logout := w.rp.EndSession(url.Values{"client_id": {"shop"}, "post_logout_redirect_uri": {w.signedOut}, "state": {"x"}})
	page := w.browser.Open(logout, w.signedOut)
	if page.Status != http.StatusOK || !w.signedIn(w.browser) {
		t.Fatalf("%d at %s", page.Status, page.URL)
	}
	// Asking whether somebody is signed in has spoiled that page's form.
	page = w.browser.Open(logout, w.signedOut)
	if back := page.Submit(url.Values{"confirmLogout": {"Logout"}}, w.signedOut); back.Status != 0 ||
		back.URL.Query().Get("state") != "x" || w.signedIn(w.browser) {
		t.Errorf("confirmed: %d at %s", back.Status, back.URL)
	}
}

func TestForeignReturnAddressRefused(t *testing.T) {
	w := newWorld(t)
	w.logoutTokens()
	got := w.signIn(w.browser, alice)
	page := w.browser.Open(w.rp.EndSession(url.Values{
		"id_token_hint": {got.IDToken}, "post_logout_redirect_uri": {"http://evil.example/"},
	}), "http://evil.example")
	if page.Status != http.StatusBadRequest || !w.signedIn(w.browser) {
		t.Errorf("%d at %s", page.Status, page.URL)
	}
}
