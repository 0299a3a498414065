package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
)

func TestTheKeyBeforeLastIsPublishedAndThenWithdrawn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.signIn(w.browser, alice)
	must(t, w.provider.RotateKeys())
	must(t, w.provider.RotateKeys())
	fresh := providertest.NewRP(t, w.issuer, callback)
	_, err := fresh.Provider.Verifier(&oidc.Config{ClientID: "shop"}).Verify(fresh.Context, got.IDToken)
	must(t, err)
	must(t, w.provider.RotateKeys())
	page := w.browser.Open(w.rp.EndSession(url.Values{"id_token_hint": {got.IDToken}}), signedOut)
	if page.Status != http.StatusOK || !w.signedIn(w.browser) {
		t.Errorf("a hint of a withdrawn key is answered with %d at %s, want the question", page.Status, page.URL)
	}
}

func TestRestartKeepsKeysAndSubjects(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "provider")
	_, issuer := providertest.Start(t, provider.Config{Dir: dir})
	w := &world{T: t, rp: providertest.NewRP(t, issuer, callback), browser: providertest.NewBrowser(t)}
	before := w.signIn(w.browser, alice)

	// The same issuer again, as after a restart on the same port.
	restarted, _ := providertest.Start(t, provider.Config{Dir: dir, Issuer: issuer})
	for _, name := range []string{"signing-keys.json", "."} {
		info, err := os.Stat(filepath.Join(dir, name))
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	hint := w.rp.EndSession(url.Values{"id_token_hint": {before.IDToken}, "post_logout_redirect_uri": {signedOut}})
	answer := httptest.NewRecorder()
	restarted.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, strings.TrimPrefix(hint, issuer), nil))
	if answer.Header().Get("Location") != signedOut {
		t.Errorf("the restarted provider does not know its own token: %d", answer.Code)
	}

	_, other := providertest.Start(t, provider.Config{})
	after := &world{T: t, rp: providertest.NewRP(t, other, callback), browser: providertest.NewBrowser(t)}
	if got := after.signIn(after.browser, alice); got.Subject != before.Subject {
		t.Errorf("alice was %s and is now %s", before.Subject, got.Subject)
	}
}

func TestDamagedKeysAreNamed(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "{", `{"keys":[]}`, "[]"} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "signing-keys.json"), []byte(content), 0o600))
		_, err := provider.New(provider.Config{Issuer: "http://idp.localhost:8081", Dir: dir})
		if err == nil || !strings.Contains(err.Error(), "signing-keys.json") {
			t.Errorf("signing-keys.json with %q: %v", content, err)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	good := provider.Config{Issuer: "http://idp.localhost:8081", Dir: t.TempDir(),
		ShopURLs: []string{"http://localhost:8080"}}
	if _, err := provider.New(good); err != nil {
		t.Errorf("plain http on *.localhost: %v", err)
	}
	for _, spoil := range []func(*provider.Config){
		func(c *provider.Config) { c.Dir = "" },
		func(c *provider.Config) { c.Issuer = "" },
		func(c *provider.Config) { c.Issuer = "http://idp.localhost:8081/" },
		func(c *provider.Config) { c.Issuer = "http://idp.localhost:8081/realm" },
		func(c *provider.Config) { c.Issuer = "idp.localhost:8081" },
		func(c *provider.Config) { c.ShopURLs = []string{"http://localhost:8080/"} },
		func(c *provider.Config) { c.ShopURLs = []string{"javascript:alert(1)"} },
	} {
		bad := good
		spoil(&bad)
		if _, err := provider.New(bad); err == nil {
			t.Errorf("accepted %+v", bad)
		}
	}
}
