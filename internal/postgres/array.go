package postgres

import (
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/money"
)

// lineArrays are lines of a cart as columns, so that one statement writes them all.
type lineArrays struct {
	products   []int64
	saved      []bool
	quantities []int
	prices     []int64
	added      []time.Time
	positions  []int
}

// add appends lines; the first gets the highest position.
func (n *lineArrays) add(lines []cart.Line, saved bool) {
	for i, l := range lines {
		n.products = append(n.products, l.Product.ID)
		n.saved = append(n.saved, saved)
		n.quantities = append(n.quantities, l.Quantity)
		n.prices = append(n.prices, int64(l.PriceAdded))
		n.added = append(n.added, l.Added)
		n.positions = append(n.positions, len(lines)-i)
	}
}

// glance returns the lines as they were read, in no order.
func (n *lineArrays) glance() []cart.GlanceLine {
	lines := make([]cart.GlanceLine, len(n.products))
	for i := range lines {
		lines[i] = cart.GlanceLine{
			ProductID: n.products[i], Saved: n.saved[i], Quantity: n.quantities[i], Position: n.positions[i],
			PriceAdded: money.Amount(n.prices[i]), Added: n.added[i],
		}
	}
	return lines
}
