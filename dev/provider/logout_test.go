package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
)

const signedOut = shopURL + "/signed-out"

// signedIn says whether the provider still signs b in without asking.
func (w *world) signedIn(b *providertest.Browser) bool {
	w.Helper()
	attempt := w.rp.Attempt(providertest.Param("prompt", "none"))
	_, err := w.rp.Finish(attempt, b.Open(attempt.Address, callback).URL)
	return err == nil
}

func (w *world) nothingTold() {
	w.Helper()
	select {
	case raw := <-w.logout:
		w.Errorf("the shop got a logout token for %s, want none", w.verifyLogout(raw).SessionID)
	default:
	}
}

func TestLogoutWithHintReturnsAndEndsTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.signIn(w.browser, alice)
	page := w.browser.Open(w.rp.EndSession(url.Values{
		"id_token_hint": {got.IDToken}, "post_logout_redirect_uri": {signedOut}, "state": {"s t/a&te"},
	}), signedOut)
	if page.Status != 0 || page.URL.Query().Get("state") != "s t/a&te" || len(page.URL.Query()) != 1 {
		t.Fatalf("%d at %s", page.Status, page.URL)
	}
	if len(w.browser.Cookies(w.issuer)) != 0 {
		t.Error("the provider's cookie is still there")
	}
	if w.signedIn(w.browser) {
		t.Error("the provider's session is still there")
	}
	if logout := w.verifyLogout(<-w.logout); logout.SessionID != got.SID {
		t.Errorf("logout token: got sid %s, want %s", logout.SessionID, got.SID)
	}
}

func TestLogoutMayBePosted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.signIn(w.browser, alice)
	// A browser keeps the Lax cookie from a post of another site: the hint alone has to do.
	stranger := providertest.Client()
	stranger.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := stranger.PostForm(w.rp.Metadata.EndSession, url.Values{
		"id_token_hint": {got.IDToken}, "post_logout_redirect_uri": {signedOut},
	})
	must(t, err)
	response.Body.Close()
	if response.Header.Get("Location") != signedOut || w.signedIn(w.browser) {
		t.Errorf("%s to %q, signed in %t", response.Status, response.Header.Get("Location"), w.signedIn(w.browser))
	}
}

func TestLogoutWithoutValidHintAsks(t *testing.T) {
	t.Parallel()
	for name, hint := range map[string]string{
		"no hint": "", "not a token": "nonsense", "foreign": "e30.e30.e30",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.signIn(w.browser, alice)
			page := w.browser.Open(w.rp.EndSession(url.Values{
				"id_token_hint": {hint}, "client_id": {"shop"}, "post_logout_redirect_uri": {signedOut}, "state": {"x"},
			}), signedOut)
			if page.Status != http.StatusOK || !strings.Contains(page.Body, "Alice Ambrose") {
				t.Fatalf("did not ask: %d at %s", page.Status, page.URL)
			}
			if !w.signedIn(w.browser) {
				t.Fatal("signed out without asking")
			}
			w.nothingTold()
			back := page.Submit(nil, signedOut)
			if back.Status != 0 || back.URL.Query().Get("state") != "x" || w.signedIn(w.browser) {
				t.Errorf("confirmed: %d at %s, signed in %t", back.Status, back.URL, w.signedIn(w.browser))
			}
		})
	}
}

func TestLogoutWithoutNamingTheShopStaysHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signIn(w.browser, alice)
	page := w.browser.Open(w.rp.EndSession(url.Values{"post_logout_redirect_uri": {signedOut}}), signedOut).Submit(nil,
		signedOut)
	if page.Status != http.StatusOK || !strings.HasPrefix(page.URL.String(), w.issuer) || w.signedIn(w.browser) {
		t.Errorf("%d at %s", page.Status, page.URL)
	}
}

func TestLogoutNeverReturnsToAForeignAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.signIn(w.browser, alice)
	for _, address := range []string{"http://evil.example/signed-out", signedOut + "/x", signedOut + "?x", shopURL} {
		for _, hint := range []string{"", got.IDToken} {
			page := w.browser.Open(w.rp.EndSession(url.Values{
				"id_token_hint": {hint}, "client_id": {"shop"}, "post_logout_redirect_uri": {address},
			}), "http://evil.example")
			if page.Status != http.StatusBadRequest || !w.signedIn(w.browser) {
				t.Errorf("%s: %d at %s", address, page.Status, page.URL)
			}
		}
	}
}

func TestHintOfAnotherPersonAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.signIn(providertest.NewBrowser(t), bob)
	w.signIn(w.browser, alice)
	page := w.browser.Open(w.rp.EndSession(url.Values{"id_token_hint": {other.IDToken}}), signedOut)
	if page.Status != http.StatusOK || !strings.Contains(page.Body, "Alice Ambrose") || !w.signedIn(w.browser) {
		t.Errorf("bob's token signed alice out: %d at %s", page.Status, page.URL)
	}
}

func TestLogoutTokenIsNoHint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.signIn(w.browser, alice)
	w.signIn(w.browser, alice)
	must(t, w.provider.EndSession(t.Context(), got.SID))
	logoutToken := <-w.logout
	w.signIn(w.browser, alice)
	page := w.browser.Open(w.rp.EndSession(url.Values{"id_token_hint": {logoutToken}}), signedOut)
	if page.Status != http.StatusOK || !w.signedIn(w.browser) {
		t.Errorf("a logout token signed alice out: %d at %s", page.Status, page.URL)
	}
}

func TestShopThatRefusesALogoutTokenIsReported(t *testing.T) {
	t.Parallel()
	p, issuer := providertest.Start(t, provider.Config{BackchannelURL: shopThatRefuses(t)})
	w := &world{T: t, rp: providertest.NewRP(t, issuer, callback), browser: providertest.NewBrowser(t)}
	got := w.signIn(w.browser, alice)
	if err := p.EndSession(t.Context(), got.SID); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("got %v", err)
	}
	if w.signedIn(w.browser) {
		t.Error("the session survived")
	}
}

func TestSessionTheShopNeverSawIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.code()
	if n, err := w.provider.EndSessions(t.Context(), alice); n != 1 || err != nil {
		t.Fatalf("%d sessions, %v", n, err)
	}
	w.nothingTold()
}

func TestOneOfTwoSessionsEndsAndTheShopHearsWhich(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone := providertest.NewBrowser(t)
	one, two := w.signIn(w.browser, alice), w.signIn(phone, alice)
	if one.SID == two.SID || one.Subject != two.Subject {
		t.Fatalf("sids %s and %s", one.SID, two.SID)
	}
	must(t, w.provider.EndSession(t.Context(), one.SID))
	raw := <-w.logout
	logout := w.verifyLogout(raw)
	if logout.SessionID != one.SID || logout.Subject != one.Subject ||
		logout.Expiry.Sub(logout.IssuedAt) != 2*time.Minute {
		t.Errorf("logout token: got %+v", logout)
	}
	if typ := header(t, raw)["typ"]; typ != "logout+jwt" {
		t.Errorf("typ %v", typ)
	}
	w.nothingTold()
	if w.signedIn(w.browser) || !w.signedIn(phone) {
		t.Error("the wrong session ended")
	}
	if err := w.provider.EndSession(t.Context(), one.SID); !errors.Is(err, provider.ErrNoSession) {
		t.Errorf("ending it again: %v", err)
	}
}

func TestEndSessionsEndsAllOfOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone, other := providertest.NewBrowser(t), providertest.NewBrowser(t)
	one, two := w.signIn(w.browser, alice), w.signIn(phone, alice)
	w.signIn(other, bob)
	if n, err := w.provider.EndSessions(t.Context(), alice); n != 2 || err != nil {
		t.Fatalf("%d sessions, %v", n, err)
	}
	ended := map[string]bool{w.verifyLogout(<-w.logout).SessionID: true, w.verifyLogout(<-w.logout).SessionID: true}
	if !ended[one.SID] || !ended[two.SID] || w.signedIn(phone) || !w.signedIn(other) {
		t.Errorf("logout tokens: got %v, want the first two sessions", ended)
	}
}

func header(t *testing.T, token string) map[string]any {
	t.Helper()
	encoded, _, _ := strings.Cut(token, ".")
	content, err := base64.RawURLEncoding.DecodeString(encoded)
	must(t, err)
	var fields map[string]any
	must(t, json.Unmarshal(content, &fields))
	return fields
}
