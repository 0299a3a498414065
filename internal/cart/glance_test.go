package cart_test

import (
	"testing"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
)

func TestUnitsOfAGlanceLeaveOutWhatIsSoldOutOrSaved(t *testing.T) {
	t.Parallel()
	products := catalog.NewSnapshot([]catalog.Product{{ID: 1, Stock: 5}, {ID: 2}}, catalog.Version{})
	g := cart.Glance{Lines: []cart.GlanceLine{
		{ProductID: 1, Quantity: 2}, {ProductID: 1, Quantity: 4, Saved: true}, {ProductID: 2, Quantity: 3},
		{ProductID: 9, Quantity: 1}, // newer than the snapshot
	}}
	if got := g.Units(products); got != 3 {
		t.Errorf("got %d units, want 2 in stock and 1 that is not known", got)
	}
	if got := g.Units(nil); got != 6 {
		t.Errorf("without a catalogue: got %d units, want 6", got)
	}
}
