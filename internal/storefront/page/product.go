package page

import (
	"errors"
	"fmt"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
)

// Product is the page of one product.
type Product struct {
	Layout
	Product catalog.Product
	// InCart is how many of it are in the cart already.
	InCart int
	// Related are four other products of the room.
	Related []catalog.Product
	// Refusal is set when adding was refused (422).
	Refusal *Refusal
}

func (*Product) template() string { return "product" }

// Section is the products', even where the page answers a refused addition to the cart.
func (*Product) Section() string { return "products" }

// Room is the room of the product.
func (p *Product) Room() catalog.Room { return p.Product.Room }

// kept: a page that shows what was refused is one visitor's.
func (p *Product) kept() (pageKey, *catalog.Snapshot) {
	if p.Of == nil || p.Refusal != nil || p.HasErrors {
		return pageKey{}, nil
	}
	return pageKey{name: p.template(), head: p.head(), product: p.Product.ID}, p.Of
}

// numbers adds how many of the product are in the cart.
func (p *Product) numbers() numbers {
	n := p.Layout.numbers()
	n.inCart = p.InCart
	return n
}

// common leaves out all that is one visitor's, but for the numbers.
func (p *Product) common(n numbers) Page {
	return &Product{Layout: p.head().layout(n), Product: p.Product, Related: p.Related, InCart: n.inCart}
}

// Quantity is what the quantity field holds: what was typed, or 1.
func (p *Product) Quantity() string {
	if p.Refusal != nil {
		return p.Refusal.Typed
	}
	return "1"
}

// More is how many more of the product the cart would take.
func (p *Product) More() int { return max(cart.Cap(p.Product)-p.InCart, 0) }

// Refusal is a quantity that the cart would not take, and why.
type Refusal struct {
	// SKU is the product's.
	SKU string
	// Typed is the quantity as it was posted.
	Typed string
	// Err is the cart's: a *cart.LimitError, cart.ErrQuantity, cart.ErrTooManyLines or
	// cart.ErrTooManySaved.
	Err error
}

// Text says what was refused and names the number that would be accepted.
func (r Refusal) Text() string {
	var limit *cart.LimitError
	switch {
	case errors.As(r.Err, &limit):
		return limitText(limit)
	case errors.Is(r.Err, cart.ErrTooManySaved):
		return fmt.Sprintf("You have saved %d products for later already. Take one off the list first.", cart.MaxSaved)
	case errors.Is(r.Err, cart.ErrTooManyLines):
		return fmt.Sprintf("Your cart holds %d different products, the most it can. Remove one first.", cart.MaxLines)
	}
	return fmt.Sprintf("Please enter a whole number from 1 to %d.", cart.MaxQuantity)
}

func limitText(e *cart.LimitError) string {
	var why string
	switch e.Reason() {
	case cart.NoneLeft:
		return "This is sold out."
	case cart.StockLeft:
		why = fmt.Sprintf("Only %d left", e.Most)
	case cart.ProductLimit:
		why = fmt.Sprintf("You can order up to %d of this", e.Most)
	default:
		why = fmt.Sprintf("You can order up to %d", e.Most)
	}
	switch {
	case e.InCart == 0:
		return why + "."
	case e.More() == 0:
		return fmt.Sprintf("%s. Your cart has %d.", why, e.InCart)
	}
	return fmt.Sprintf("%s. Your cart has %d, so you can add %d more.", why, e.InCart, e.More())
}
