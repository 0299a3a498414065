package postgres

import (
	"slices"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/money"
)

// lineArrays are the lines of a cart as its row keeps them, one element of each for a line. The
// last comes first on the page.
type lineArrays struct {
	products   []int64
	quantities []int
	prices     []int64
	added      []time.Time
}

func newLineArrays(lines []cart.Line) lineArrays {
	n := lineArrays{[]int64{}, []int{}, []int64{}, []time.Time{}} // nil would become NULL
	for _, l := range slices.Backward(lines) {
		n.products = append(n.products, l.Product.ID)
		n.quantities = append(n.quantities, l.Quantity)
		n.prices = append(n.prices, int64(l.PriceAdded))
		n.added = append(n.added, l.Added)
	}
	return n
}

// glance returns the lines in the order of the page.
func (n lineArrays) glance() (lines []cart.GlanceLine) {
	for i := range slices.Backward(n.products) {
		lines = append(lines, cart.GlanceLine{ProductID: n.products[i], Quantity: n.quantities[i],
			PriceAdded: money.Amount(n.prices[i]), Added: n.added[i]})
	}
	return lines
}
