//go:build compose

// Package compose tries what docker compose up --wait has started, as a shopper would:
// go test -tags compose ./deploy/compose
package compose

import (
	"flag"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/provider/providertest"
)

var shopURL = flag.String("shop", "http://localhost:8080", "the shop's address")

// only narrows a page to the form with that action, which Submit then takes.
func only(t *testing.T, p *providertest.Page, action string) *providertest.Page {
	t.Helper()
	form := regexp.MustCompile(`(?s)<form[^>]*action="` + regexp.QuoteMeta(action) + `".*?</form>`).FindString(p.Body)
	if form == "" {
		t.Fatalf("no form for %s on %s (status %d)", action, p.URL, p.Status)
	}
	narrowed := *p
	narrowed.Body = form
	return &narrowed
}

func want(t *testing.T, p *providertest.Page, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if p.Status != http.StatusOK || !strings.Contains(p.Body, part) {
			t.Fatalf("%s (status %d) lacks %s:\n%s", p.URL, p.Status, part, p.Body)
		}
	}
}

const (
	alice = "alice@example.test"
	bob   = "bob@example.test"
)

// signIn signs a customer in through the provider's own pages and leads back to returnTo.
func signIn(t *testing.T, b *providertest.Browser, email, returnTo string) *providertest.Page {
	t.Helper()
	login := b.Open(*shopURL+"/login?return_to="+url.QueryEscape(returnTo), "")
	there := only(t, login, "/login").Submit(nil, "")
	if there.URL.Hostname() == login.URL.Hostname() {
		t.Fatalf("the sign-in stays at %s (status %d)", there.URL, there.Status)
	}
	return there.Submit(url.Values{"username": {email}, "password": {"password"}}, "")
}

func TestAShopperSignsInThroughTheProviderAndKeepsTheCart(t *testing.T) {
	b := providertest.NewBrowser(t)
	want(t, b.Open(*shopURL+"/readyz", ""), "database: ok")
	want(t, b.Open(*shopURL+"/", ""), `data-signed-in="false"`, `data-cart-count="0"`)

	list := b.Open(*shopURL+"/products?in_stock=1", "")
	slug := regexp.MustCompile(`href="(/products/[a-z0-9-]+)"`).FindStringSubmatch(list.Body)
	if slug == nil {
		t.Fatalf("no product on %s (status %d)", list.URL, list.Status)
	}
	product := b.Open(*shopURL+slug[1], "")
	want(t, only(t, product, "/cart/lines").Submit(url.Values{"quantity": {"1"}}, ""), `data-cart-count="1"`)

	back := signIn(t, b, alice, "/cart")
	want(t, back, `data-signed-in="true"`, `data-cart-count=`)
	if strings.Contains(back.Body, `data-cart-count="0"`) {
		t.Errorf("the cart is empty after signing in")
	}
	want(t, b.Open(*shopURL+"/account", ""), `data-signed-in="true"`)

	bye := only(t, b.Open(*shopURL+"/", ""), "/logout").Submit(nil, "")
	want(t, bye, `data-signed-in="false"`)
	if bye.URL.Path != "/signed-out" {
		t.Errorf("signing out leads to %s", bye.URL)
	}
	if answer := b.Open(*shopURL+"/account", ""); answer.URL.Path != "/login" {
		t.Errorf("the account page is open after signing out: %s", answer.URL)
	}
}

func TestTheShopsOwnPortHasNoMetrics(t *testing.T) {
	b := providertest.NewBrowser(t)
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if p := b.Open(*shopURL+path, ""); p.Status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, p.Status)
		}
	}
}
