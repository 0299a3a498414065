// Package cart is what a visitor means to buy: lines, quantities, limits, what is saved for later,
// and the merge at sign-in.
//
// A cart reserves nothing and holds no price that counts: each line remembers the price it was
// added at only to show a change.
package cart

import (
	"time"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
)

// Owner says whose cart is meant. With a CustomerID it is that customer's only cart and CartID does
// not matter; without, it is the anonymous cart CartID, which never is a customer's. With both 0
// the visitor has no cart yet.
type Owner struct {
	CartID     int64
	CustomerID int64
}

// IsZero reports whether the visitor has no cart yet.
func (o Owner) IsZero() bool { return o.CartID == 0 && o.CustomerID == 0 }

// Line is a product in a cart.
type Line struct {
	Product    catalog.Product // as it is today
	Quantity   int             // from 1 to MaxQuantity, even when fewer are left
	PriceAdded money.Amount    // the price when it was added
	Added      time.Time
}

// SoldOut reports whether none is left: the line stays in sight, costs nothing and blocks the
// checkout.
func (l Line) SoldOut() bool { return Cap(l.Product) == 0 }

// Short reports whether some are left, but fewer than the line wants.
func (l Line) Short() bool { return !l.SoldOut() && l.Quantity > Cap(l.Product) }

// Counted is the number of pieces that are to be paid: none of a product that sold out.
func (l Line) Counted() int {
	if l.SoldOut() {
		return 0
	}
	return l.Quantity
}

// Total is what the line costs today; nothing when it sold out.
func (l Line) Total() money.Amount { return l.Product.Price.Times(l.Counted()) }

// PriceChanged reports whether the price of today differs from the one when it was added.
func (l Line) PriceChanged() bool { return l.PriceAdded != l.Product.Price }

// Cart is a cart with the products as they are today. The zero Cart is empty.
type Cart struct {
	ID    int64 // 0: there is no cart yet
	Lines []Line
	Saved []Line // saved for later: not part of what will be ordered
	Undo  *Undo  // what the last change can be taken back to; nil when nothing can
}

// Empty reports whether the cart has no lines; sold out ones count.
func (c Cart) Empty() bool { return len(c.Lines) == 0 }

// Units is the number of pieces in the cart, without those of lines that sold out.
func (c Cart) Units() int {
	n := 0
	for _, l := range c.Lines {
		n += l.Counted()
	}
	return n
}

// Subtotal is what all lines cost today, VAT included, without delivery.
func (c Cart) Subtotal() money.Amount {
	var sum money.Amount
	for _, l := range c.Lines {
		sum += l.Total()
	}
	return sum
}

// Blocked lists the lines that keep the cart from being ordered: sold out, or more than are left.
func (c Cart) Blocked() []Line {
	var blocked []Line
	for _, l := range c.Lines {
		if l.SoldOut() || l.Short() {
			blocked = append(blocked, l)
		}
	}
	return blocked
}

// Line finds the line of a SKU.
func (c Cart) Line(sku string) (Line, bool) {
	if i := find(c.Lines, sku); i >= 0 {
		return c.Lines[i], true
	}
	return Line{}, false
}

// find is the place of a SKU among lines, or -1.
func find(lines []Line, sku string) int {
	for i, l := range lines {
		if l.Product.SKU == sku {
			return i
		}
	}
	return -1
}
