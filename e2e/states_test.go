package e2e

import (
	"net/http"
	"testing"

	"hookandtag.example/shop/dev/shoptest"
)

// The states that pages_test.go does not come by.

func TestPagesOfAStrangerWhoComesBack(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.goes(v.shop.url + "/cart?added=1")
	v.notices("cookies-refused")
	v.looks("cart-cookies-refused")
	v.goes(v.shop.url + "/products/no-such-hat")
	v.gets(404)
	v.looks("product-not-found")
	v.goes(v.shop.url + "/logout")
	v.gets(405)
	v.looks("method-not-allowed")
	v.goes(v.shop.url + "/login?problem=attempt-repeated&return_to=/cart")
	v.gets(400)
	v.looks("sign-in-repeated")
	v.goes(v.shop.url + "/login?problem=not-created&return_to=/checkout")
	v.gets(400)
	v.looks("account-not-created")
	v.puts("harbour-beanie")
	v.opens("/")
	v.looks("home-returning")
	v.opens("/products/harbour-beanie")
	v.looks("product-in-cart")
}

func TestPagesOfACustomerWhoseThingsChange(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v, other := newShopper(t, s), newShopper(t, s)
	v.isSignedInAs(alice)
	v.opens("/account/devices")
	v.looks("devices-one")
	other.isSignedInAs(alice)
	v.opens("/account/devices")
	v.presses("Sign out everywhere else")
	v.notices("device-ended")
	v.looks("devices-ended")
	other.opens("/account")
	other.notices("ended")
	other.looks("login-revoked")

	v.puts("typist")
	v.reviews()
	v.opens("/checkout/address?change=1")
	v.looks("checkout-address-filled-in")
	v.opens("/checkout/review")
	s.change("UPDATE products SET stock = 0 WHERE sku = 'GLO-TYPIST'")
	v.presses("Place order for €")
	v.gets(409)
	v.looks("checkout-sold-out")
	s.change(endings[1].sql)
	v.opens("/account")
	v.looks("login-absolute")
}

func TestPagesWhenSomethingIsAway(t *testing.T) {
	t.Parallel()
	s := open(t, shoptest.Options{Before: func(*shoptest.Shop, http.Handler) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	}})
	v := newShopper(t, s)
	v.opens("/login")
	v.setsOut()
	v.gets(503)
	v.looks("provider-down")

	v.puts("typist")
	if _, err := s.db.Exec(t.Context(), "ALTER TABLE carts RENAME TO carts_away"); err != nil {
		t.Fatal(err)
	}
	v.goes(s.url + "/cart")
	v.gets(503)
	v.looks("database-away")
}
