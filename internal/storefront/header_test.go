package storefront_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var sheet = regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)"`)

func TestThePageOfAnOutageClaimsNothingItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	s.exec(`ALTER TABLE sessions RENAME TO away`)
	for _, path := range []string{"/products?room=hats", "/cart", "/account"} {
		r := b.get(path)
		wantStatus(t, r, http.StatusServiceUnavailable)
		wantBody(t, r, `<a class="button primary" href="`+path+`">Try again</a>`, `data-cart-count=""`)
		wantNoBody(t, r, "Sign in", "Sign out", "data-signed-in")
	}
	r := b.post("/cart/lines", "sku", "HAT-1")
	wantStatus(t, r, http.StatusServiceUnavailable)
	wantNoBody(t, r, "Sign in", `data-cart-count="0"`)
	s.exec(`ALTER TABLE away RENAME TO sessions`)
	wantBody(t, b.get("/cart"), `data-signed-in="true"`, `data-cart-count="1"`)
}

func TestACartThatWaitsIsNotCountedAsEmpty(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	s.goIdle()
	for _, path := range []string{"/products", "/cart"} {
		r := b.get(path)
		wantStatus(t, r, http.StatusOK)
		wantBody(t, r, `data-cart-count=""`, `data-signed-in="false"`)
	}
	wantBody(t, s.visitor().get("/"), `data-cart-count="0"`)
}

func TestAPageUnderAnotherNameHasItsStyle(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	elsewhere := with{"Host", "other.example"}
	r := b.postForm("/cart/lines", addHat(), elsewhere)
	wantStatus(t, r, http.StatusMisdirectedRequest)
	found := sheet.FindStringSubmatch(r.body)
	if found == nil {
		t.Fatalf("no style sheet in %s", summary(r.body))
	}
	style := b.get(found[1], elsewhere) // the page's own policy allows a sheet from the page's own origin only
	wantStatus(t, style, http.StatusOK)
	if kind := style.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/css") {
		t.Errorf("got a %s, want a style sheet", kind)
	}
}

func TestTheNumberOfItemsLeavesOutWhatSoldOut(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1", "quantity", "2")
	b.post("/cart/lines", "sku", "UMB-1", "quantity", "3")
	wantBody(t, b.get("/"), `data-cart-count="5"`)
	s.exec(`UPDATE products SET stock = 0 WHERE sku = 'UMB-1'`)
	for _, path := range []string{"/", "/cart"} {
		wantBody(t, b.get(path), `data-cart-count="2"`)
	}
	wantBody(t, b.get("/cart"), "(2 items)", "Sold out, so it is not in your total")
	b.signIn("ann", "")
	wantBody(t, b.get("/"), `data-cart-count="2"`)
	s.exec(`UPDATE products SET stock = 9 WHERE sku = 'UMB-1'`)
	wantBody(t, b.get("/"), `data-cart-count="5"`)
}

func TestTheDevicesPageDoesNotLinkToItself(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann, elsewhere := s.visitor(), s.visitor()
	ann.signIn("ann", "")
	elsewhere.signIn("ann", "")
	r := ann.get("/account/devices")
	wantBody(t, r, `data-notice="elsewhere"`)
	wantNoBody(t, r, "See where you are signed in")
}

func TestTheCheckoutGoesOnAtTheFirstUnfinishedStep(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	wantLocation(t, s.visitor().get("/checkout"), "/login?return_to=%2Fcheckout")
	wantLocation(t, b.get("/checkout"), "/checkout/address")
	b.submit("/checkout/address", "name", "Ann", "street", "Hook Street 1", "postcode", "10115", "city", "Berlin",
		"country", "DE")
	wantLocation(t, b.get("/checkout"), "/checkout/delivery")
	wantStatus(t, b.press(b.toReview(), "approve"), http.StatusSeeOther)
	b.submit("/cart/lines", "sku", "HAT-1")
	wantLocation(t, b.get("/checkout"), "/checkout/review") // in one press, who has given all of it before
	wantStatus(t, b.get("/checkout/review"), http.StatusOK)
}

func TestWhatCannotBeOrderedIsSetAsideInOnePress(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	b.submit("/cart/lines", "sku", "UMB-1", "quantity", "3")
	b.submit("/cart/lines", "sku", "HAT-2")
	s.exec(`UPDATE products SET stock = 0 WHERE sku = 'UMB-1'`)
	s.exec(`UPDATE products SET stock = 0 WHERE sku = 'HAT-2'`)
	wantBody(t, b.get("/cart"), "Save them for later and continue")
	wantLocation(t, b.submit("/cart/set-aside"), "/checkout")
	r := b.get("/cart")
	wantBody(t, r, `data-saved-sku="UMB-1"`, `data-saved-sku="HAT-2"`, `data-sku="HAT-1"`, "Go to checkout")
	wantNoBody(t, r, `data-sku="UMB-1"`, "and continue")
	wantLocation(t, b.submit("/cart/set-aside"), "/checkout")
	wantBody(t, b.get("/cart"), `data-sku="HAT-1"`)
	wantLocation(t, s.visitor().post("/cart/set-aside"), "/cart")
}

func TestAListAddsToTheCart(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	list := ann.get("/products").body
	if n := strings.Count(list, `action="/cart/lines"`); n == 0 {
		t.Fatal("no product of the list can be added")
	}
	wantLocation(t, ann.post("/cart/lines", "form_token", field(t, list, "form_token"), "sku", field(t, list, "sku")),
		"/cart")
	wantBody(t, ann.get("/"), `data-cart-count="1"`)
	s.exec(`UPDATE products SET stock = 0 WHERE sku = 'HAT-2'`)
	wantNoBody(t, ann.get("/products?q=fedora"), "Add to cart")
}
