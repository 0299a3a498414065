package page

import (
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/order"
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
	// SafariHint: the shop sets Secure cookies over plain http, which Safari does not keep.
	SafariHint bool
	// KeptFor is how long an anonymous cart is kept after its last use.
	KeptFor time.Duration
}

func (*Cart) template() string { return "cart" }

// Section is the cart's, even where the page answers a refused order.
func (*Cart) Section() string { return "cart" }

// RefusalFor is the refusal of the line with that SKU, or nil.
func (c *Cart) RefusalFor(sku string) *Refusal {
	if c.Refusal == nil || c.Refusal.SKU != sku {
		return nil
	}
	return c.Refusal
}

// Blocked says what keeps the cart from being ordered and what to do; "" when nothing does.
func (c *Cart) Blocked() string { return blocked(c.Cart) }

// Post is what the cart costs when it is sent by post.
func (c *Cart) Post() order.Totals { return order.TotalsOf(c.Cart, order.Post) }

// Collect is what the cart costs when it is collected.
func (c *Cart) Collect() order.Totals { return order.TotalsOf(c.Cart, order.Collect) }

// UntilFree is how much is missing until the post is free; 0 when it is, or when
// nothing in the cart counts.
func (c *Cart) UntilFree() money.Amount {
	subtotal := c.Cart.Subtotal()
	if subtotal == 0 {
		return 0
	}
	return max(order.FreeDelivery-subtotal, 0)
}
