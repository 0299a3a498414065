package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Every page and its states.

func TestPagesOfAStranger(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	for _, p := range []struct{ name, path string }{
		{"home", "/"},
		{"catalogue", "/products"},
		{"catalogue-room", "/products?room=umbrellas&sort=price"},
		{"catalogue-search", "/products?q=rain&max=70"},
		{"catalogue-nothing", "/products?q=submarine"},
		{"product", "/products/rain-bowler"},
		{"product-reduced", "/products/harbour-beanie"},
		{"product-last-one", "/products/felt-fedora"},
		{"product-sold-out", "/products/noon-parasol"},
		{"product-long-name", "/products/garment-bag"},
		{"cart-empty", "/cart"},
		{"login", "/login"},
		{"signed-out-stranger", "/signed-out"},
		{"cookies", "/cookies"},
	} {
		v.opens(p.path)
		v.looks(p.name)
	}
	v.goes(v.shop.url + "/products?page=99")
	v.gets(404)
	v.looks("catalogue-beyond")
	v.goes(v.shop.url + "/nowhere")
	v.gets(404)
	v.looks("not-found")
}

func TestPagesOfACartBeforeSigningIn(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.opens("/products/valet-stand")
	v.types("Quantity", "9")
	v.presses("Add to cart")
	v.looks("product-refused")
	for _, slug := range []string{"rain-bowler", "harbour-beanie", "garment-bag", "typist", "felt-fedora"} {
		v.puts(slug)
	}
	v.presses("Save for later: Rain Bowler")
	v.looks("cart")
	v.presses("Remove Felt Fedora")
	v.looks("cart-removed")
	s.change("UPDATE products SET stock = 0 WHERE sku = 'GLO-TYPIST'")
	s.change("UPDATE products SET price = 2100 WHERE sku = 'HAT-BEANIE'")
	v.types("Quantity: Harbour Beanie", "11")
	v.presses("Update the quantity of Harbour Beanie")
	v.looks("cart-troubles")
	v.presses("Remove Typist")
	v.presses("Go to checkout")
	v.looks("login-from-checkout")
	v.setsOut()
	v.looks("provider-login")
	v.presses("Cancel")
	v.looks("sign-in-cancelled")
}

func TestPagesOfACustomer(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	earlier, v := newShopper(t, s), newShopper(t, s)
	earlier.isSignedInAs(alice)
	for _, slug := range []string{"harbour-fog", "brass-hook", "brass-hook"} {
		earlier.puts(slug)
	}
	v.puts("drizzle")
	v.puts("brass-hook")
	v.comesIn(alice)
	v.looks("home-signed-in")
	v.opens("/cart")
	v.looks("cart-merged")
	v.opens("/orders")
	v.looks("orders-none")
	v.opens("/account")
	v.looks("account")
	v.opens("/checkout/address")
	v.looks("checkout-address")
	v.types("Postcode", "abc")
	v.presses("Continue to delivery")
	v.gets(422)
	v.looks("checkout-address-errors")
	v.reviews()
	v.looks("checkout-review")
	v.presses("Change the delivery")
	v.looks("checkout-delivery")
	v.presses("Save and go back to the review")
	v.ticks("Payment fails")
	v.presses("Place order")
	v.looks("checkout-declined")
	s.change("UPDATE products SET price = price + 100 WHERE sku = 'SCA-FOG'")
	v.ticks("Payment succeeds")
	v.presses("Place order")
	v.looks("checkout-total-changed")
	v.presses("Place order")
	v.hasOrdered()
	v.looks("order-placed")
	v.presses("All your orders")
	v.looks("orders")
	v.presses("HT-")
	v.looks("order")
	v.signsOut()
	v.looks("signed-out")
}

func TestPagesOfSomebodyWhoWasSignedOut(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.typesWhenTheSessionEnds(endings[0].sql)
	v.looks("login-ended")
	v.setsOut()
	v.looks("checkout-resumed")
	s.change(endings[0].sql)
	v.opens("/cart")
	v.looks("cart-waiting")
	v.presses("Sign in to see your cart")
	v.setsOut()
	before := v.secondTab()
	before.opens("/products/brass-hook")
	s.change(endings[2].sql)
	before.presses("Add to cart")
	before.setsOut()
	before.looks("one-more-click")
}

func TestPagesOfSomebodyOnTwoDevices(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v, other := newShopper(t, s), newShopper(t, s)
	v.isSignedInAs(alice)
	other.isSignedInAs(alice)
	v.opens("/account/devices")
	v.looks("devices")
	s.change("UPDATE sessions SET auth_time = auth_time - interval '10 minutes'")
	v.presses("Sign out everywhere else")
	v.looks("still-you")
	v.presses("Continue")
	v.looks("provider-once-more")
	v.types("Password", "wrong")
	v.presses("Sign in")
	v.looks("provider-refused")
	v.types("Password", "password")
	v.presses("Sign in")
	v.looks("one-more-click-reauthenticated")
}

// The picture that the README shows: a cart right after somebody has signed in, and what they had
// before has joined it, in the shop as go run ./cmd/dev opens it. To take it anew:
//
//	SCREENSHOTS="$PWD/docs/images" go test ./e2e -run TestPictureForTheReadme
func TestPictureForTheReadme(t *testing.T) {
	t.Parallel()
	s := openShopWithLessons(t)
	earlier, v := newShopper(t, s), newShopper(t, s)
	earlier.isSignedInAs(alice)
	earlier.puts("herringbone")
	v.puts("drizzle")
	v.puts("rain-bowler")
	v.comesIn(alice)
	v.does(chromedp.EmulateViewport(1280, 1310)) // the whole page, so that the bar at its foot covers nothing
	v.opens("/cart")
	v.notices("merged", "Herringbone")
	v.pictures("cart.png")
}
