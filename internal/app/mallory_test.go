package app_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/mallory"
)

// attacked is a shop with products, and Mallory at its door.
func attacked(t *testing.T) (*counter, *mallory.Shop) {
	t.Helper()
	c := openCounter(t, seeded(t), nil)
	m, err := mallory.New(mallory.Config{
		Shop:    mallory.Target{URL: "http://localhost:8080", Dial: c.Addr().String()},
		Twin:    mallory.Target{URL: "http://127.0.0.1:1"},
		TagName: "__Host-tag", SKU: "HAT-BERET", SKU2: "HAT-BOWLER",
	})
	must(t, err)
	return c, m.Shop()
}

func TestMalloryGuessesNoTagOfTheShop(t *testing.T) {
	t.Parallel()
	c, m := attacked(t)
	c.signedIn(t)
	before := c.count(t, "SELECT count(*) FROM sessions")
	g, err := m.Guess(t.Context(), 300)
	must(t, err)
	if g.Tried != 300 || g.Hits != 0 {
		t.Errorf("%d guesses, %d hits; want 300 and 0: %v", g.Tried, g.Hits, g.Exchanges)
	}
	if rows := c.count(t, "SELECT count(*) FROM sessions") - before; rows != 1 {
		t.Errorf("guessing left %d rows, want 1: Mallory's own", rows)
	}
}

func TestMallorysPlantedCookiesChangeNothingAtTheShop(t *testing.T) {
	t.Parallel()
	c, m := attacked(t)
	look, err := m.Plant(t.Context())
	must(t, err)
	if look.In || look.Cart != 0 || !strings.HasPrefix(look.Exchange.Status, "200") {
		t.Errorf("cookies of plain name: %d in the cart, %s; want a stranger's page", look.Cart, look.Exchange.Status)
	}
	tag, _, err := m.MakeTag(t.Context())
	must(t, err)
	for _, name := range []string{"sid", "__Host-tag"} {
		if body := c.visitor(t).get("/cart?" + name + "=" + tag).body; !strings.Contains(body, `data-cart-count="0"`) {
			t.Errorf("a tag in the address as %s opens Mallory's cart", name)
		}
	}
}

func TestATagWornAtSignInIsAStrangersAfterwards(t *testing.T) {
	t.Parallel()
	c, m := attacked(t)
	tag, _, err := m.MakeTag(t.Context())
	must(t, err)
	if look, err := m.Cart(t.Context(), tag); err != nil || look.Cart != 1 {
		t.Fatalf("before: %d in Mallory's cart, %v; want 1", look.Cart, err)
	}
	alice := c.visitor(t)
	alice.cookies["__Host-tag"] = tag
	alice.signIn("/account")
	if body := alice.get("/cart").body; !strings.Contains(body, `data-cart-count="1"`) {
		t.Error("the cart did not come along")
	}
	look, err := m.With(t.Context(), tag)
	must(t, err)
	cart, err := m.Cart(t.Context(), tag)
	must(t, err)
	if look.In || cart.Cart != 0 {
		t.Errorf("Mallory comes back: in is %t, %d in the cart; want a stranger", look.In, cart.Cart)
	}
}

func TestATagReplayedAfterSignOutOpensNothing(t *testing.T) {
	t.Parallel()
	c, m := attacked(t)
	alice := c.signedIn(t)
	tag := alice.cookies["__Host-tag"]
	if look, err := m.With(t.Context(), tag); err != nil || !look.In {
		t.Fatalf("before sign-out: in is %t, %v: %v", look.In, err, look.Exchange)
	}
	alice.submit("/logout", "")
	look, err := m.With(t.Context(), tag)
	must(t, err)
	if look.In ||
		!slices.ContainsFunc(look.Exchange.Got, func(h string) bool { return strings.HasPrefix(h, "Location: /login") }) {
		t.Errorf("after sign-out: in is %t, %v", look.In, look.Exchange.Got)
	}
}

func TestNothingInTheDatabaseOpensASession(t *testing.T) {
	t.Parallel()
	c, m := attacked(t)
	tag := c.signedIn(t).cookies["__Host-tag"]
	hash := sha256.Sum256([]byte(strings.Split(tag, ".")[1]))
	if n := c.count(t, "SELECT count(*) FROM sessions WHERE id = $1", hash[:]); n != 1 {
		t.Fatalf("%d rows under the token's hash, want 1", n)
	}
	token := strings.Split(tag, ".")[1]
	look, err := m.With(t.Context(), strings.Replace(tag, token, base64.RawURLEncoding.EncodeToString(hash[:]), 1))
	must(t, err)
	changed, err := m.ChangeLetter(t.Context(), tag)
	must(t, err)
	if look.In || changed.In {
		t.Errorf("the hash opened the account: %t; a changed letter: %t", look.In, changed.In)
	}
}

func TestAnotherSitesFormIsRefusedAndItsScriptIsText(t *testing.T) {
	t.Parallel()
	c, m := attacked(t)
	alice := c.signedIn(t)
	e, err := m.CrossSitePost(t.Context(), alice.cookies["__Host-tag"])
	must(t, err)
	if !strings.HasPrefix(e.Status, "403") {
		t.Errorf("a form from another site: %s, want 403", e.Status)
	}
	if body := alice.get("/cart").body; !strings.Contains(body, `data-cart-count="0"`) {
		t.Error("something went into the cart")
	}
	if _, escaped, err := m.Script(t.Context()); err != nil || !escaped {
		t.Errorf("the script in the search is text: %t, %v", escaped, err)
	}
}

func TestCrawlersLeaveNothingAndOverlappingAddsAreBothKept(t *testing.T) {
	t.Parallel()
	c, m := attacked(t)
	crawled, err := m.Crawl(t.Context(), 100)
	must(t, err)
	if rows := c.count(t, "SELECT count(*) FROM sessions"); crawled.Requests != 100 || crawled.Cookies != 0 || rows != 0 {
		t.Errorf("%d crawlers got %d cookies and left %d rows, want none", crawled.Requests, crawled.Cookies, rows)
	}
	adds, err := m.OverlappingAdds(t.Context())
	must(t, err)
	if adds.Kept != 2 {
		t.Errorf("%d of 2 overlapping adds were kept", adds.Kept)
	}
}

func TestNoSecretStandsInAnExchange(t *testing.T) {
	t.Parallel()
	c, m := attacked(t)
	tag := c.signedIn(t).cookies["__Host-tag"]
	look, err := m.With(t.Context(), tag)
	must(t, err)
	shown := strings.Join(slices.Concat(look.Exchange.Sent, look.Exchange.Got, look.Exchange.Body), "\n")
	for part := range strings.SplitSeq(tag, ".") {
		if len(part) > 12 && strings.Contains(shown, part) {
			t.Errorf("the exchange shows a part of the tag whole: %s", shown)
		}
	}
	if !strings.Contains(shown, "Cookie: __Host-tag=") || strings.Contains(shown, url.QueryEscape(tag)) {
		t.Errorf("the exchange: %s", shown)
	}
}
