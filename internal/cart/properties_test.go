package cart_test

import (
	"fmt"
	"math/rand"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
)

// merging is one merge drawn at random, over a catalogue of 50 products, some of them scarce,
// limited or gone.
type merging struct {
	guest, own cart.Cart
	intent     cart.From
}

func drawMerging(t *rapid.T) merging {
	catalogue := make([]catalog.Product, 50)
	for i := range catalogue {
		catalogue[i] = catalog.Product{ID: int64(i + 1), SKU: fmt.Sprintf("P%02d", i), Price: 10_00,
			Stock: rapid.SampledFrom([]int{0, 1, 3, 9, 100}).Draw(t, "stock"),
			Limit: rapid.SampledFrom([]int{0, 0, 2}).Draw(t, "limit")}
	}
	return merging{
		guest:  cart.Cart{ID: 1, Lines: drawLines(t, catalogue, cart.MaxLines), Saved: drawLines(t, catalogue, 5)},
		own:    cart.Cart{ID: 2, Lines: drawLines(t, catalogue, cart.MaxLines), Saved: drawLines(t, catalogue, 5)},
		intent: rapid.SampledFrom([]cart.From{cart.Browsing, cart.CheckingOut}).Draw(t, "intent"),
	}
}

// drawLines draws lines of different products; many are added at the same moment.
func drawLines(t *rapid.T, catalogue []catalog.Product, most int) []cart.Line {
	shuffled := rapid.Permutation(catalogue).Draw(t, "products")
	var lines []cart.Line
	for _, p := range shuffled[:rapid.IntRange(0, most).Draw(t, "count")] {
		lines = append(lines, cart.Line{Product: p, Quantity: rapid.IntRange(1, cart.MaxQuantity).Draw(t, "quantity"),
			PriceAdded: money.Amount(rapid.IntRange(9_00, 11_00).Draw(t, "price")),
			Added:      time.Unix(int64(rapid.IntRange(0, 5).Draw(t, "added")), 0).UTC()})
	}
	return lines
}

func has(c cart.Cart, sku string) bool {
	_, inCart := c.Line(sku)
	_, saved := cart.Cart{Lines: c.Saved}.Line(sku)
	return inCart || saved
}

func checkMerge(t *testing.T, property func(t *rapid.T, m merging, merged cart.Merged)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		m := drawMerging(t)
		property(t, m, cart.Merge(m.guest, m.own, m.intent))
	})
}

func TestNoMergeLosesAProduct(t *testing.T) {
	checkMerge(t, func(t *rapid.T, m merging, merged cart.Merged) {
		for _, lines := range [][]cart.Line{m.guest.Lines, m.own.Lines, m.guest.Saved, m.own.Saved} {
			for _, l := range lines {
				if !has(merged.Cart, l.Product.SKU) {
					t.Fatalf("%s is gone", l.Product.SKU)
				}
			}
		}
	})
}

func TestNoMergeInventsAProduct(t *testing.T) {
	checkMerge(t, func(t *rapid.T, m merging, merged cart.Merged) {
		for _, l := range append(merged.Cart.Lines, merged.Cart.Saved...) {
			if !has(m.guest, l.Product.SKU) && !has(m.own, l.Product.SKU) {
				t.Fatalf("%s came from nowhere", l.Product.SKU)
			}
		}
	})
}

func TestMergingTwiceGivesTheSameCart(t *testing.T) {
	checkMerge(t, func(t *rapid.T, m merging, once cart.Merged) {
		twice := cart.Merge(m.guest, once.Cart, m.intent)
		if !reflect.DeepEqual(once.Cart.Lines, twice.Cart.Lines) || !reflect.DeepEqual(once.Cart.Saved, twice.Cart.Saved) {
			t.Fatalf("once  %s | %s\ntwice %s | %s", show(once.Cart.Lines), show(once.Cart.Saved), show(twice.Cart.Lines),
				show(twice.Cart.Saved))
		}
	})
}

func TestTheOrderOfInsertionDoesNotMatter(t *testing.T) {
	checkMerge(t, func(t *rapid.T, m merging, merged cart.Merged) {
		random := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))
		for _, lines := range [][]cart.Line{m.guest.Lines, m.own.Lines, m.guest.Saved, m.own.Saved} {
			random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		}
		again := cart.Merge(m.guest, m.own, m.intent)
		if !reflect.DeepEqual(merged.Cart.Lines, again.Cart.Lines) ||
			!reflect.DeepEqual(merged.Cart.Saved, again.Cart.Saved) ||
			!reflect.DeepEqual(merged.Changes, again.Changes) {
			t.Fatalf("%s\n%s", show(merged.Cart.Lines), show(again.Cart.Lines))
		}
	})
}

func TestNoMergePassesALimit(t *testing.T) {
	checkMerge(t, func(t *rapid.T, _ merging, merged cart.Merged) {
		if n := len(merged.Cart.Lines); n > cart.MaxLines {
			t.Fatalf("%d lines", n)
		}
		for _, l := range merged.Cart.Lines {
			if l.Counted() < 0 || l.Counted() > cart.Cap(l.Product) || l.Quantity < 1 || l.Quantity > cart.MaxQuantity {
				t.Fatalf("%s: %d of %d", l.Product.SKU, l.Quantity, cart.Cap(l.Product))
			}
		}
	})
}

func TestSigningInFromTheCheckoutAddsNothingToTheOrder(t *testing.T) {
	checkMerge(t, func(t *rapid.T, m merging, merged cart.Merged) {
		if m.intent != cart.CheckingOut {
			return
		}
		for _, l := range merged.Cart.Lines {
			if on, found := m.guest.Line(l.Product.SKU); !found || l.Quantity > on.Quantity {
				t.Fatalf("%s×%d was not on screen", l.Product.SKU, l.Quantity)
			}
		}
	})
}

func TestTheMessageNamesEveryDifference(t *testing.T) {
	checkMerge(t, func(t *rapid.T, m merging, merged cart.Merged) {
		named := map[string]cart.Change{}
		for _, c := range merged.Changes {
			named[c.Product.SKU] = c
		}
		for _, l := range merged.Cart.Lines {
			on, _ := m.guest.Line(l.Product.SKU)
			c, noted := named[l.Product.SKU]
			if on.Counted() != l.Counted() && (!noted || c.Now != l.Counted() || c.Before != on.Quantity) {
				t.Fatalf("%s went from %d to %d: noted %+v", l.Product.SKU, on.Counted(), l.Counted(), c)
			}
		}
		for _, l := range append(m.guest.Lines, m.own.Lines...) {
			_, stayed := merged.Cart.Line(l.Product.SKU)
			if _, noted := named[l.Product.SKU]; !stayed && !noted {
				t.Fatalf("%s went unsaid", l.Product.SKU)
			}
		}
	})
}

func TestUndoingAnyMergeKeepsTheScreenAndEveryProduct(t *testing.T) {
	checkMerge(t, func(t *rapid.T, m merging, merged cart.Merged) {
		if !merged.Cart.Undo.Worth() {
			return
		}
		if err := merged.Cart.TakeBack(); err != nil {
			t.Fatal(err)
		}
		if len(merged.Cart.Lines) != len(m.guest.Lines) {
			t.Fatalf("%s, was %s", show(merged.Cart.Lines), show(m.guest.Lines))
		}
		for i, l := range merged.Cart.Lines {
			if was := m.guest.Lines[i]; was.Product.SKU != l.Product.SKU || l.Quantity > was.Quantity {
				t.Fatalf("%s, was %s", show(merged.Cart.Lines), show(m.guest.Lines))
			}
		}
		saved := cart.Cart{Lines: merged.Cart.Saved}
		for _, l := range append(m.guest.Saved, m.own.Saved...) {
			if now, found := saved.Line(l.Product.SKU); !found || now.Quantity < l.Quantity {
				t.Fatalf("saved before: %s×%d, now %s", l.Product.SKU, l.Quantity, show(merged.Cart.Saved))
			}
		}
		for _, lines := range [][]cart.Line{m.guest.Lines, m.own.Lines, m.guest.Saved, m.own.Saved} {
			for _, l := range lines {
				if !has(merged.Cart, l.Product.SKU) {
					t.Fatalf("%s is gone", l.Product.SKU)
				}
			}
		}
	})
}
