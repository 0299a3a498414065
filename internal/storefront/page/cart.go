package page

import (
	"time"

	"hookandtag.example/shop/internal/cart"
)

// Cart is the cart page.
type Cart struct {
	Layout
	Cart cart.Cart
	// Refusal is set when the new quantity of the line with its SKU was refused (422).
	Refusal *Refusal
	// Waiting is set when the browser's customer was signed out: the cart is not
	// empty, it waits until they sign in again. The page never says "empty" then.
	Waiting *Ended
	// CookiesRefused: something was put in the cart, but the browser brought no tag back.
	CookiesRefused bool
	// KeptFor is how long an anonymous cart is kept after its last use.
	KeptFor time.Duration
}

func (*Cart) template() string { return "cart" }
