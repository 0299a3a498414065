package provider_test

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
)

const (
	shopURL  = "http://localhost:8080"
	callback = shopURL + "/auth/callback"
	alice    = "alice@example.test"
	bob      = "bob@example.test"
)

// world is a provider, a relying party, and a browser nobody has used yet.
type world struct {
	*testing.T
	provider *provider.Provider
	issuer   string
	rp       *providertest.RP
	browser  *providertest.Browser
	clock    *clock
	logout   <-chan string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := &clock{now: time.Now()}
	address, tokens := providertest.Backchannel(t)
	p, issuer := providertest.Start(t, provider.Config{Now: c.Now, BackchannelURL: address})
	return &world{t, p, issuer, providertest.NewRP(t, issuer, callback), providertest.NewBrowser(t), c, tokens}
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func credentials(email string) url.Values {
	return url.Values{"email": {email}, "password": {"password"}, "action": {"sign-in"}}
}

// signIn gives the password and finishes the attempt.
func (w *world) signIn(b *providertest.Browser, email string) providertest.Identity {
	w.Helper()
	attempt := w.rp.Attempt(providertest.Param("prompt", "login"))
	page := b.Open(attempt.Address, callback).Submit(credentials(email), callback)
	return w.finish(attempt, page)
}

func (w *world) finish(attempt providertest.Attempt, page *providertest.Page) providertest.Identity {
	w.Helper()
	if page.Status != 0 {
		w.Fatalf("the browser stays at %s (%d), want the callback:\n%s", page.URL, page.Status, page.Body)
	}
	identity, err := w.rp.Finish(attempt, page.URL)
	must(w.T, err)
	return identity
}

// refused finishes an attempt that must fail with that authorization error.
func (w *world) refused(attempt providertest.Attempt, page *providertest.Page, want string) {
	w.Helper()
	if page.Status != 0 {
		w.Fatalf("the browser stays at %s (%d), want the callback", page.URL, page.Status)
	}
	if _, err := w.rp.Finish(attempt, page.URL); err != providertest.AuthorizationError(want) {
		w.Fatalf("got %v, want %s", err, want)
	}
}

func (w *world) verifyLogout(raw string) *oidc.LogoutToken {
	w.Helper()
	token, err := w.rp.Provider.VerifierContext(w.rp.Context, &oidc.Config{ClientID: "shop"}).VerifyLogout(w.rp.Context,
		raw)
	must(w.T, err)
	return token
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
