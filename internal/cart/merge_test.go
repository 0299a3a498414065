package cart_test

import (
	"fmt"
	"testing"

	"hookandtag.example/shop/internal/cart"
)

// showChanges writes changes as "taken A 0→2".
func showChanges(changes []cart.Change) string {
	s := ""
	for i, c := range changes {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%s %s %d→%d", c.Kind, c.Product.SKU, c.Before, c.Now)
	}
	return s
}

// mergeRows are the cases of the merge, each with what it gives for both intents.
var mergeRows = []struct {
	name               string
	guest, own         []cart.Line
	browsing, checkout string // lines | saved | changes
}{
	{"only the visitor has it",
		[]cart.Line{line(product("A"), 2, 1)}, nil,
		"A×2 |  | ", "A×2 |  | "},
	{"only the customer has it",
		nil, []cart.Line{line(product("A"), 2, 1)},
		"A×2 |  | taken A 0→2", " | A×2 | set-aside A 0→0"},
	{"each has something",
		[]cart.Line{line(product("A"), 2, 1)}, []cart.Line{line(product("B"), 3, 2)},
		"A×2 B×3 |  | taken B 0→3", "A×2 | B×3 | set-aside B 0→0"},
	{"both have it, the customer more",
		[]cart.Line{line(product("A"), 2, 2)}, []cart.Line{line(product("A"), 5, 1)},
		"A×5 |  | raised A 2→5", "A×2 |  | "},
	{"both have it, the visitor more",
		[]cart.Line{line(product("A"), 5, 2)}, []cart.Line{line(product("A"), 2, 1)},
		"A×5 |  | ", "A×5 |  | "},
	{"both have it, never the sum",
		[]cart.Line{line(product("A"), 3, 2)}, []cart.Line{line(product("A"), 3, 1)},
		"A×3 |  | ", "A×3 |  | "},
	{"more than is left",
		[]cart.Line{line(product("A", stock(2)), 4, 2)}, []cart.Line{line(product("A", stock(2)), 6, 1)},
		"A×2 |  | capped A 4→2", "A×2 |  | capped A 4→2"},
	{"more than the product's own limit",
		[]cart.Line{line(product("A", limit(2)), 1, 2)}, []cart.Line{line(product("A", limit(2)), 5, 1)},
		"A×2 |  | capped A 1→2", "A×1 |  | "},
	{"the customer's is more than is left",
		nil, []cart.Line{line(product("A", stock(2)), 6, 1)},
		"A×2 |  | capped A 0→2", " | A×6 | set-aside A 0→0"},
	{"sold out on screen",
		[]cart.Line{line(product("A", stock(0)), 2, 2)}, nil,
		"A×2 |  | ", "A×2 |  | "},
	{"sold out in the customer's cart",
		nil, []cart.Line{line(product("A", stock(0)), 2, 2)},
		"A×2 |  | sold-out A 0→0", " | A×2 | set-aside A 0→0"},
	{"nothing at all", nil, nil, " |  | ", " |  | "},
}

func TestTheMergeTable(t *testing.T) {
	for _, row := range mergeRows {
		for intent, want := range map[cart.From]string{cart.Browsing: row.browsing, cart.CheckingOut: row.checkout} {
			m := cart.Merge(cart.Cart{ID: 1, Lines: row.guest}, cart.Cart{ID: 2, Lines: row.own}, intent)
			got := fmt.Sprintf("%s | %s | %s", show(m.Cart.Lines), show(m.Cart.Saved), showChanges(m.Changes))
			if got != want || m.Cart.ID != 2 {
				t.Errorf("%s, %s: %s; want %s", row.name, intent, got, want)
			}
			if (m.Cart.Undo != nil) != (len(m.Changes) > 0) {
				t.Errorf("%s, %s: undo %+v", row.name, intent, m.Cart.Undo)
			}
		}
	}
}

func TestTheNewestFortyLinesStay(t *testing.T) {
	var guest, own []cart.Line
	for i := range 30 {
		guest = append(guest, line(product(fmt.Sprintf("G%02d", i)), 1, 1+i%10))
		own = append(own, line(product(fmt.Sprintf("O%02d", i)), 1, 11+i%10))
	}
	m := cart.Merge(cart.Cart{Lines: guest}, cart.Cart{Lines: own}, cart.Browsing)
	if len(m.Cart.Lines) != cart.MaxLines || len(m.Cart.Saved) != 20 {
		t.Fatalf("%d lines, %d saved", len(m.Cart.Lines), len(m.Cart.Saved))
	}
	for _, l := range m.Cart.Saved {
		if l.Added.Day() > 7 {
			t.Errorf("%s of day %d was set aside before an older one", l.Product.SKU, l.Added.Day())
		}
	}
	if got := showChanges(m.Changes[len(m.Changes)-1:]); got[:7] != "crowded" {
		t.Errorf("got %s, want the line set aside", got)
	}
}

func TestVisitorsLinesComeFirstEachNewestFirst(t *testing.T) {
	guest := cart.Cart{Lines: []cart.Line{line(product("A"), 1, 1), line(product("B"), 1, 2)}}
	own := cart.Cart{Lines: []cart.Line{line(product("C"), 1, 8), line(product("D"), 1, 9)}}
	if got := show(cart.Merge(guest, own, cart.Browsing).Cart.Lines); got != "B×1 A×1 D×1 C×1" {
		t.Error(got)
	}
}

func TestWhatBothSavedForLaterStaysSaved(t *testing.T) {
	guest := cart.Cart{Saved: []cart.Line{line(product("A"), 1, 1), line(product("B"), 4, 2)}}
	own := cart.Cart{Saved: []cart.Line{line(product("B"), 2, 9)}}
	m := cart.Merge(guest, own, cart.Browsing)
	if got := show(m.Cart.Saved); got != "B×4 A×1" || len(m.Changes) != 0 {
		t.Errorf("%s, %s", got, showChanges(m.Changes))
	}
}

func TestMergingChangesNeitherCartItWasGiven(t *testing.T) {
	guest := cart.Cart{Lines: []cart.Line{line(product("A", stock(1)), 3, 1)}}
	own := cart.Cart{Lines: []cart.Line{line(product("A", stock(1)), 5, 2)}}
	cart.Merge(guest, own, cart.Browsing)
	if show(guest.Lines) != "A×3" || show(own.Lines) != "A×5" {
		t.Errorf("%s, %s", show(guest.Lines), show(own.Lines))
	}
}
