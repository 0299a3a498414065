//go:build keycloak

// Package keycloak tries the realm file, and the whole shop, against the real Keycloak 26. It has
// to be running in development mode with the realm, as docker-compose.yml starts it, or from its
// distribution (org.keycloak:keycloak-quarkus-dist on Maven Central), with the realm file in
// data/import:
//
//	KC_HOSTNAME=http://idp.localhost:8081 KC_HTTP_PORT=8081 KC_BOOTSTRAP_ADMIN_USERNAME=admin \
//	KC_BOOTSTRAP_ADMIN_PASSWORD=admin bin/kc.sh start-dev --import-realm
//	go test -tags keycloak ./deploy/keycloak
//
// The tests of the realm file listen where its back-channel address leads (-backchannel);
// localhost:8080 has to stand there in place of shop:8080. The run with the shop,
// TestShopWithKeycloak, needs the administrator (-admin, -admin-password) and no free port: it
// gives the realm its own addresses while it runs.
package keycloak

import (
	"crypto/rand"
	"errors"
	"flag"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"hookandtag.example/shop/dev/provider/providertest"
)

var (
	issuer  = flag.String("issuer", "http://idp.localhost:8081/realms/shop", "the realm's issuer")
	shopURL = flag.String("shop", "http://localhost:8080", "the shop's address in the realm")
	listen  = flag.String("backchannel", "127.0.0.1:8080", "where the realm's back-channel logout address leads")
)

const (
	alice   = "alice@example.test"
	aliceID = "5c6f2a4e-0d6b-4b61-9f0e-a11ce0000001"
)

// world is the realm, a relying party in the shop's place, and a fresh browser.
type world struct {
	*testing.T
	rp        *providertest.RP
	browser   *providertest.Browser
	callback  string
	signedOut string
}

func newWorld(t *testing.T) *world {
	callback := *shopURL + "/auth/callback"
	return &world{t, providertest.NewRP(t, *issuer, callback), providertest.NewBrowser(t), callback, *shopURL +
		"/signed-out"}
}

func password(email string) url.Values {
	return url.Values{"username": {email}, "password": {"password"}}
}

func (w *world) signIn(b *providertest.Browser, email string) providertest.Identity {
	w.Helper()
	attempt := w.rp.Attempt()
	return w.finish(attempt, b.Open(attempt.Address, w.callback).Submit(password(email), w.callback))
}

func (w *world) finish(attempt providertest.Attempt, page *providertest.Page) providertest.Identity {
	w.Helper()
	if page.Status != 0 {
		w.Fatalf("the browser stays at %s (%d):\n%s", page.URL, page.Status, page.Body)
	}
	identity, err := w.rp.Finish(attempt, page.URL)
	if err != nil {
		w.Fatal(err)
	}
	return identity
}

func (w *world) signedIn(b *providertest.Browser) bool {
	w.Helper()
	attempt := w.rp.Attempt(providertest.Param("prompt", "none"))
	_, err := w.rp.Finish(attempt, b.Open(attempt.Address, w.callback).URL)
	return err == nil
}

func TestMetadata(t *testing.T) {
	got := newWorld(t).rp.Metadata
	if !got.IssParameter || !got.Backchannel || !got.BackchannelSession || got.EndSession == "" {
		t.Errorf("not announced: %+v", got)
	}
}

// OIDC Prompt Create 1.0: the realm lets strangers register, and comes straight back with them.
func TestAStrangerRegisters(t *testing.T) {
	w := newWorld(t)
	var announced struct {
		Prompts []string `json:"prompt_values_supported"`
	}
	if err := w.rp.Provider.Claims(&announced); err != nil || !slices.Contains(announced.Prompts, "create") {
		t.Errorf("discovery announces %q (%v), want create among them", announced.Prompts, err)
	}
	attempt := w.rp.Attempt(providertest.Param("prompt", "create"))
	page := w.browser.Open(attempt.Address, w.callback)
	if !strings.Contains(page.Body, "no e-mail is sent") {
		t.Errorf("the registration does not say that no e-mail is sent:\n%s", page.Body)
	}
	email := strings.ToLower(rand.Text()) + "@example.test"
	got := w.finish(attempt, page.Submit(url.Values{"firstName": {"Carol"}, "lastName": {"Cole"}, "email": {email},
		"password": {"a-long-password"}, "password-confirm": {"a-long-password"}}, w.callback))
	if got.Email != email || got.EmailVerified || got.Subject == "" {
		t.Errorf("ID token says %+v, want %s, not verified", got, email)
	}
}

func TestSignInWithPKCE(t *testing.T) {
	w := newWorld(t)
	attempt := w.rp.Attempt(providertest.Param("max_age", "10800"))
	page := w.browser.Open(attempt.Address, w.callback)
	if !strings.Contains(html.UnescapeString(page.Body), alice) {
		t.Error("the login page does not tell the demo customers")
	}
	got := w.finish(attempt, page.Submit(password(alice), w.callback))
	if got.Subject != aliceID || got.Name != "Alice Ambrose" || got.Email != alice || !got.EmailVerified {
		t.Errorf("ID token says %+v", got)
	}
	if age := got.IssuedAt - got.AuthTime; got.SID == "" || got.AuthTime == 0 || age < 0 || age > 60 {
		t.Errorf("sid %q, auth_time %d, iat %d", got.SID, got.AuthTime, got.IssuedAt)
	}
	if got.Token.RefreshToken != "" {
		t.Error("got a refresh token")
	}
	info, err := w.rp.Provider.UserInfo(w.rp.Context, w.rp.OAuth.TokenSource(w.rp.Context, got.Token))
	if err != nil {
		t.Fatal(err)
	}
	if info.Subject != got.Subject || info.Email != alice {
		t.Errorf("userinfo says %+v", info)
	}
}

func TestWithoutPKCERefused(t *testing.T) {
	w := newWorld(t)
	for name, address := range map[string]string{
		"none": w.rp.OAuth.AuthCodeURL("x"),
		"plain": w.rp.OAuth.AuthCodeURL("x", providertest.Param("code_challenge", oauth2.GenerateVerifier()),
			providertest.Param("code_challenge_method", "plain")),
	} {
		page := w.browser.Open(address, w.callback)
		if answer := page.URL.Query(); answer.Get("error") != "invalid_request" || answer.Get("iss") != *issuer {
			t.Errorf("%s: %d at %s", name, page.Status, page.URL)
		}
	}
}

func TestOtherFlowsRefused(t *testing.T) {
	w := newWorld(t)
	for _, form := range []url.Values{
		{"grant_type": {"password"}, "username": {alice}, "password": {"password"}},
		{"grant_type": {"client_credentials"}},
	} {
		request, err := http.NewRequest(http.MethodPost, w.rp.OAuth.Endpoint.TokenURL, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("shop", "shop-secret")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := providertest.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode < 400 {
			t.Errorf("%s: %s", form.Get("grant_type"), response.Status)
		}
	}
	attempt := w.rp.Attempt(providertest.Param("redirect_uri", *shopURL+"/elsewhere"))
	if page := w.browser.Open(attempt.Address, *shopURL); page.Status != http.StatusBadRequest {
		t.Errorf("unregistered callback: %d at %s", page.Status, page.URL)
	}
}

func TestCodeWorksOnce(t *testing.T) {
	w := newWorld(t)
	attempt := w.rp.Attempt()
	page := w.browser.Open(attempt.Address, w.callback).Submit(password(alice), w.callback)
	w.finish(attempt, page)
	if _, err := w.rp.Finish(attempt, page.URL); err == nil {
		t.Error("a code worked twice")
	}
}

func TestSingleSignOnAndAskingAgain(t *testing.T) {
	w := newWorld(t)
	first := w.signIn(w.browser, alice)
	attempt := w.rp.Attempt(providertest.Param("max_age", "10800"))
	second := w.finish(attempt, w.browser.Open(attempt.Address, w.callback))
	if second.SID != first.SID || second.AuthTime != first.AuthTime {
		t.Errorf("single sign-on changed sid %s at %d to %s at %d", first.SID, first.AuthTime, second.SID, second.AuthTime)
	}
	for _, param := range [][2]string{{"prompt", "login"}, {"max_age", "1"}} {
		w.untilOlderThanASecond()
		attempt = w.rp.Attempt(providertest.Param(param[0], param[1]))
		page := w.browser.Open(attempt.Address, w.callback)
		if page.Status != http.StatusOK {
			t.Fatalf("%s=%s did not ask: %s", param[0], param[1], page.URL)
		}
		again := w.finish(attempt, page.Submit(url.Values{"password": {"password"}}, w.callback))
		if again.SID != first.SID || again.AuthTime <= second.AuthTime {
			t.Errorf("%s=%s: sid %s at %d after %s at %d", param[0], param[1], again.SID, again.AuthTime, first.SID,
				second.AuthTime)
		}
		second = again
	}
}

// untilOlderThanASecond asks until Keycloak itself finds the sign-in too old for max_age=1: then a
// new auth_time, which counts whole seconds, differs from the old one.
func (w *world) untilOlderThanASecond() {
	w.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		attempt := w.rp.Attempt(providertest.Param("prompt", "none"), providertest.Param("max_age", "1"))
		_, err := w.rp.Finish(attempt, w.browser.Open(attempt.Address, w.callback).URL)
		if errors.Is(err, providertest.AuthorizationError("login_required")) {
			return
		}
	}
	w.Fatal("max_age=1 was never exceeded")
}

func TestPromptNone(t *testing.T) {
	w := newWorld(t)
	attempt := w.rp.Attempt(providertest.Param("prompt", "none"))
	page := w.browser.Open(attempt.Address, w.callback)
	if _, err := w.rp.Finish(attempt, page.URL); err != providertest.AuthorizationError("login_required") {
		t.Errorf("prompt=none without a session: %v", err)
	}
}
