package cart_test

import (
	"testing"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
)

func TestUnitsOfAGlanceLeaveOutWhatIsSoldOutOrSaved(t *testing.T) {
	t.Parallel()
	products := catalog.NewSnapshot([]catalog.Product{{ID: 1, Stock: 5}, {ID: 2}}, catalog.Version{})
	g := cart.Glance{
		Lines: []cart.GlanceLine{
			{ProductID: 1, Quantity: 2}, {ProductID: 2, Quantity: 3},
			{ProductID: 9, Quantity: 1}, // no longer sold
		},
		Saved: []cart.GlanceLine{{ProductID: 1, Quantity: 4}},
	}
	if got := g.Units(products); got != 2 {
		t.Errorf("got %d units, want the 2 in stock", got)
	}
	if c := g.Cart(7, products); c.ID != 7 || len(c.Lines) != 2 || len(c.Saved) != 1 || c.Units() != 2 {
		t.Errorf("got the cart %+v, want it without what is no longer sold", c)
	}
	if got := g.Units(nil); got != 6 {
		t.Errorf("without a catalogue: got %d units, want 6", got)
	}
}
