package postgres

import (
	"time"

	"hookandtag.example/shop/internal/cart"
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
