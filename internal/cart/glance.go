package cart

import (
	"time"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
)

// Glance is a cart as it is read together with the session: everything but the products, which the
// catalogue in memory has.
type Glance struct {
	Lines   []GlanceLine    // in the order of the page
	Saved   []GlanceLine    // saved for later, in the order of the page
	Undo    *Undo           // what the last change can be taken back to; nil when nothing can
	Catalog catalog.Version // the catalogue's state when it was read
}

// GlanceLine is a line of the cart, or of what is saved for later.
type GlanceLine struct {
	ProductID  int64
	Quantity   int
	PriceAdded money.Amount
	Added      time.Time
}

// Pieces returns how many of a product are in the cart, those saved for later not counted.
func (g Glance) Pieces(productID int64) int {
	for _, l := range g.Lines {
		if l.ProductID == productID {
			return l.Quantity
		}
	}
	return 0
}

// Units is the number of pieces in the cart, without those that a snapshot at least as new as
// g.Catalog has none of. With a nil snapshot all count.
func (g Glance) Units(products *catalog.Snapshot) (n int) {
	for _, l := range g.Lines {
		if products == nil || products.Sells(l.ProductID) {
			n += l.Quantity
		}
	}
	return n
}

// Cart returns the whole cart, with the products of a snapshot at least as new as g.Catalog. A
// product that the shop no longer sells is left out.
func (g Glance) Cart(id int64, products *catalog.Snapshot) Cart {
	return Cart{ID: id, Lines: withProducts(g.Lines, products), Saved: withProducts(g.Saved, products), Undo: g.Undo}
}

func withProducts(glanced []GlanceLine, products *catalog.Snapshot) (lines []Line) {
	for _, l := range glanced {
		product, err := products.ProductByID(l.ProductID)
		if err != nil {
			continue
		}
		lines = append(lines, Line{Product: product, Quantity: l.Quantity, PriceAdded: l.PriceAdded, Added: l.Added})
	}
	return lines
}
