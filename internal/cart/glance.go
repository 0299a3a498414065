package cart

import (
	"cmp"
	"slices"
	"time"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
)

// Glance is a cart as it is read together with the session: everything but the products, which the
// catalogue in memory has.
type Glance struct {
	Lines   []GlanceLine    // in no order
	Undo    *Undo           // what the last change can be taken back to; nil when nothing can
	Catalog catalog.Version // the catalogue's state when it was read
}

// GlanceLine is a line of the cart, or of what is saved for later.
type GlanceLine struct {
	ProductID  int64
	Saved      bool
	Quantity   int
	Position   int // the highest comes first
	PriceAdded money.Amount
	Added      time.Time
}

// Pieces returns how many of a product are in the cart, those saved for later not counted.
func (g Glance) Pieces(productID int64) int {
	for _, l := range g.Lines {
		if l.ProductID == productID && !l.Saved {
			return l.Quantity
		}
	}
	return 0
}

// Units is the number of pieces in the cart, without those that are sold out in a snapshot. With a
// nil snapshot nothing counts as sold out.
func (g Glance) Units(products *catalog.Snapshot) (n int) {
	for _, l := range g.Lines {
		if !l.Saved && !(products != nil && products.SoldOut(l.ProductID)) {
			n += l.Quantity
		}
	}
	return n
}

// Cart returns the whole cart, with the products of a snapshot at least as new as g.Catalog. Its
// error is catalog.ErrNotFound.
func (g Glance) Cart(id int64, products *catalog.Snapshot) (Cart, error) {
	lines := slices.Clone(g.Lines)
	slices.SortFunc(lines, func(a, b GlanceLine) int {
		return cmp.Or(cmp.Compare(b.Position, a.Position), b.Added.Compare(a.Added), cmp.Compare(a.ProductID, b.ProductID))
	})
	c := Cart{ID: id, Undo: g.Undo}
	for _, l := range lines {
		product, err := products.ProductByID(l.ProductID)
		if err != nil {
			return Cart{}, err
		}
		line := Line{Product: product, Quantity: l.Quantity, PriceAdded: l.PriceAdded, Added: l.Added}
		if l.Saved {
			c.Saved = append(c.Saved, line)
		} else {
			c.Lines = append(c.Lines, line)
		}
	}
	return c, nil
}
