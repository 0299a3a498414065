package storefront_test

import (
	"net/http"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/storefront"
)

const noticeCookie = "__Host-notice"

func TestANoticeIsSaidOnceByWhicheverTabComesFirst(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1", "quantity", "2")
	if got := b.cookies[noticeCookie]; got != "added.2xHAT-1" {
		t.Fatalf("got the notice %q, want added.2xHAT-1", got)
	}
	wantBody(t, b.send(http.MethodHead, "/cart", nil)) // has seen nothing
	other := b.get("/products/drizzle")                // another tab of the same browser
	wantBody(t, other, `data-notice="added"`, "Rain Bowler is in your cart (2).")
	if other.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a page with a notice may be kept: %v", other.Header)
	}
	wantNoBody(t, b.get("/cart"), `data-notice=`)
	if _, kept := b.cookies[noticeCookie]; kept {
		t.Error("the cookie is still there")
	}
}

func TestNoticesThatWaitAreSaidTogetherTheLatestFour(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	for range 6 {
		b.post("/cart/lines", "sku", "HOK-1")
	}
	r := b.get("/cart")
	if n := strings.Count(r.body, `data-notice="added"`); n != 4 {
		t.Errorf("the page says %d notices, want 4", n)
	}
	wantBody(t, r, "Brass Hook is in your cart (3).", "Brass Hook is in your cart (6).")
}

func TestAMadeUpNoticeSaysNothingOfItsOwn(t *testing.T) { // ASVS 1.3.1: no text of a visitor is in it
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.get("/cart")
	for _, made := range []string{
		"free", "added", "added.", "added.2x", "added.0xHAT-1", "added.-1xHAT-1", "added.+2xHAT-1", "added.02xHAT-1",
		"added.2xNONE-1", "added.2x<script>", "added.99999999999999999999xHAT-1", "undone.2x", "merged", "merged.x",
		"not-all-added", "devices-ended.1001x", "Removed", "undone%2Esaved", "_", "____",
		"added.1xhat-1", strings.Repeat("a", 5000), "not-all-added" + strings.Repeat(".1xHAT-1", 41),
	} {
		b.cookies[noticeCookie] = made
		r := b.get("/cart")
		wantStatus(t, r, http.StatusOK)
		if strings.Contains(r.body, "data-notice=") {
			t.Errorf("%.60q: the page says something\n%s", made, summary(r.body))
		}
		if _, kept := b.cookies[noticeCookie]; kept {
			t.Errorf("%.60q is kept", made)
		}
	}
	b.cookies[noticeCookie] = "free_all-added_added.3xHAT-1_saved.1xHAT-1_undone"
	r := b.get("/cart")
	wantBody(t, r, "Everything from your order is in your cart", "Rain Bowler is in your cart (3).",
		"Rain Bowler is saved for later")
	wantNoBody(t, r, "Undone.")
	if n := s.count(`SELECT quantity FROM cart_lines`); n != 1 {
		t.Errorf("the cart holds %d pieces, want 1", n)
	}
}

func TestANoticeSentTwiceIsNone(t *testing.T) { // RFC 6265bis 5.7: which of the two is ours is unknown
	t.Parallel()
	s := newShop(t)
	r := s.visitor().get("/cart", with{"Cookie", noticeCookie + "=removed; " + noticeCookie + "=saved"})
	wantNoBody(t, r, "data-notice=")
	if set := r.Header.Get("Set-Cookie"); !strings.HasPrefix(set, noticeCookie+"=; Path=/; Max-Age=0") {
		t.Errorf("got %q, want both deleted", set)
	}
}

func TestANoticeWaitsForAPageThatSaysIt(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	for _, path := range []string{"/nowhere", "/robots.txt", "/sitemap.xml", "/healthz", "/orders"} {
		if r := b.get(path); strings.Contains(r.Header.Get("Set-Cookie"), noticeCookie) {
			t.Errorf("%s takes the notice", path)
		}
	}
	wantBody(t, b.get("/cart"), `data-notice="added"`)
}

func TestAKeptPageIsNeitherServedForNorMadeWithANotice(t *testing.T) {
	t.Parallel()
	s := keepingShop(t)
	b := s.visitor()
	b.cookies[noticeCookie] = "saved.1xHAT-1"
	wantBody(t, b.get("/products/drizzle"), "Rain Bowler is saved for later") // comes first, and is not kept
	wantNoBody(t, s.visitor().get("/products/drizzle"), "data-notice=")
	s.visitor().get("/products/drizzle") // kept by now
	b.cookies[noticeCookie] = "saved.1xHAT-1"
	wantBody(t, b.get("/products/drizzle"), "Rain Bowler is saved for later")
	wantNoBody(t, s.visitor().get("/products/drizzle"), "data-notice=")
}

func TestSigningOutDropsTheNotice(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	token := b.token("/cookies")
	b.post("/cart/lines", "sku", "HAT-1", "form_token", token)
	b.post("/logout", "form_token", token)
	if _, kept := b.cookies[noticeCookie]; kept {
		t.Error("the notice outlives the session")
	}
}

func FuzzNotice(f *testing.F) {
	for _, seed := range []string{"", "added.2xHAT-1", "saved_removed", "x.x.x", "added.1x\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, again := range storefront.ParseNotices(value) {
			if read := storefront.ParseNotices(again); len(read) != 1 || read[0] != again {
				t.Errorf("%q reads as %q", again, read)
			}
		}
	})
}
