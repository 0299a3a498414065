package storefront_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/storefront"
)

// The two ways out of a session, and the way in, cannot be shut by what others send from the same
// address, least of all another site's pages.

var twoAnHour = storefront.Rate{Requests: 2, Per: time.Hour}

func TestGoodLogoutTokensAreTakenHoweverManyCome(t *testing.T) { // OIDC Back-Channel Logout 1.0 2.8: exactly 200 or 400
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates = storefront.Rates{Logout: twoAnHour, Posts: twoAnHour} })
	s.visitor().signIn("the last one", "")
	for i := range 5 {
		subject := "somebody"
		if i == 4 {
			subject = "the last one"
		}
		s.logoutOf(fmt.Sprint("good-", i), subject)
		wantStatus(t, s.tell(url.Values{"logout_token": {fmt.Sprint("good-", i)}}), http.StatusOK)
	}
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 0 {
		t.Error("the last one is still signed in")
	}
}

func TestNobodyIsKeptFromSigningOut(t *testing.T) { // ASVS 7.4.4
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates = storefront.Rates{Posts: twoAnHour} })
	ann := s.visitor()
	ann.signIn("ann", "") // the first form
	for range 5 {
		wantStatus(t, s.visitor().postForm("/nowhere", nil, with{"Sec-Fetch-Site", "cross-site"}), http.StatusForbidden)
	}
	wantLocation(t, ann.submit("/cart/lines", "sku", "HAT-1"), "/cart") // the second: what other sites send is not counted
	wantStatus(t, ann.submit("/cart/lines", "sku", "HAT-1"), http.StatusTooManyRequests)
	wantRedirectPage(t, ann.submit("/logout"), "/signed-out")
}

func TestAFormThatCameTooOftenLeadsBackToItsPage(t *testing.T) {
	t.Parallel()
	once := storefront.Rate{Requests: 1, Per: time.Hour}
	s := newShop(t, func(c *storefront.Config) { c.Rates = storefront.Rates{Posts: once} })
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	for path, formPage := range map[string]string{"/cart/lines": "/cart", "/cart/saved/HAT-1/restore": "/cart",
		"/checkout/address": "/checkout/address", "/orders": "/checkout/review"} {
		r := b.post(path)
		wantStatus(t, r, http.StatusTooManyRequests)
		wantBody(t, r, `href="`+formPage+`">Try again</a>`)
	}
}

// The link leads to the page with the button, which still knows where the visitor was going.
func TestASignInThatCameTooOftenLeadsBackToItsPage(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) {
		c.Rates = storefront.Rates{SignIn: storefront.Rate{Requests: 1, Per: time.Hour}}
	})
	b := s.visitor()
	b.post("/login")
	origin := s.url
	for from, link := range map[string]string{
		"":                                       "/login",
		origin + "/products":                     "/login",
		origin + "/login?return_to=%2Fcheckout":  "/login?return_to=%2Fcheckout",
		origin + "/login?return_to=%2F%2Fevil.x": "/login",
		origin + "/login?confirm=1&return_to=%2Fcheckout%2Freview": "/login?confirm=1&amp;return_to=%2Fcheckout%2Freview",
		"https://evil.example/login?return_to=%2Faccount":          "/login",
	} {
		r := b.postForm("/login", nil, with{"Referer", from})
		wantStatus(t, r, http.StatusTooManyRequests)
		wantBody(t, r, `href="`+link+`">Try again</a>`)
	}
}

func TestPicturesOfTheCallbackKeepNobodyFromComingBack(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates = storefront.Rates{Callback: twoAnHour} })
	for range 5 {
		wantStatus(t,
			s.visitor().get("/auth/callback", with{"Sec-Fetch-Dest", "image"}, with{"Sec-Fetch-Mode", "no-cors"},
				with{"Sec-Fetch-Site", "cross-site"}), http.StatusForbidden)
	}
	wantLocation(t, s.visitor().signIn("ann", "/account"), "/account")
}

// K-1: what one part of the shop deletes and another sets is one line of the answer.
func TestAFormKeptTwiceIsOneCookie(t *testing.T) {
	t.Parallel()
	s := newShop(t, stepUp)
	ann, phone := s.visitor(), s.visitor()
	phone.signIn("ann", "")
	ann.signIn("ann", "")
	s.age(6 * time.Minute)
	for range 2 {
		again := ann.submit("/account/devices/end-others")
		wantStatus(t, again, http.StatusSeeOther)
		if n := len(again.Header.Values("Set-Cookie")); n != 1 {
			t.Errorf("%d cookies, want the kept form's alone", n)
		}
	}
}

// ASVS 2.2.1, 1.2.4: PostgreSQL takes neither NUL nor what is not UTF-8, wherever they come in.
func TestNoTextWhateverItsBytesIsTheShopsOwnFault(t *testing.T) {
	t.Parallel()
	s := newShop(t, stepUp)
	ann := s.visitor()
	ann.signIn("ann", "")
	for _, bytes := range []string{"\x00", "a\x00b", "\xff", "\xed\xa0\x80", strings.Repeat("x", 5000)} {
		e := url.QueryEscape(bytes)
		for _, path := range []string{"/products/" + e, "/products?q=" + e, "/products?page=" + e, "/orders/" + e,
			"/login?return_to=" + e, "/signed-out?state=" + e, "/static/" + e} {
			if r := ann.get(path); r.StatusCode >= 500 {
				t.Errorf("GET %q: %d", path, r.StatusCode)
			}
		}
		for _, path := range []string{"/cart/lines", "/cart/lines/" + e, "/cart/lines/" + e + "/save", "/cart/saved/" + e +
			"/restore", "/cart/saved/" + e + "/remove", "/account/devices/" + e + "/end",
			"/checkout/address", "/checkout/delivery", "/orders", "/login"} {
			if r := ann.submit(path); r.StatusCode >= 500 {
				t.Errorf("POST %q: %d", path, r.StatusCode)
			}
			r := ann.submit(path, "sku", bytes, "quantity", bytes, "name", bytes, "street", bytes, "postcode", bytes, "city",
				bytes, "country", bytes, "delivery", bytes,
				"order_key", bytes, "return_to", bytes)
			if r.StatusCode >= 500 {
				t.Errorf("POST %q with %q: %d", path, bytes[:1], r.StatusCode)
			}
		}
	}
}
