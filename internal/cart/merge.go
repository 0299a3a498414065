package cart

import (
	"cmp"
	"slices"

	"hookandtag.example/shop/internal/catalog"
)

// From is what a visitor was doing when they signed in.
type From string

// What sign-in can come from.
const (
	Browsing    From = "browsing"     // any page: both carts become one
	CheckingOut From = "checking-out" // the checkout: nothing is added to the order on screen
)

// ChangeKind says what a merge did to a product.
type ChangeKind string

// What a merge can do to a product, other than leaving it as it was on screen.
const (
	Taken    ChangeKind = "taken"     // it came from the customer's cart
	Raised   ChangeKind = "raised"    // the customer's cart held more of it
	Capped   ChangeKind = "capped"    // only Now of it are available
	GoneOut  ChangeKind = "sold-out"  // it stays in sight, but none is left
	SetAside ChangeKind = "set-aside" // it went to what is saved for later, because an order was on screen
	Crowded  ChangeKind = "crowded"   // it went to what is saved for later, because the cart was full
)

// Change is one product a merge touched. The product carries ID, SKU, Slug and Name at least.
type Change struct {
	Kind    ChangeKind
	Product catalog.Product
	Before  int // pieces on screen before signing in; 0: only the customer's cart held it
	Now     int // pieces in the cart now; 0 when saved for later
	Saved   int // of one Crowded: pieces that were saved for later before
}

// Merged is what came out of a merge.
type Merged struct {
	Cart    Cart
	Changes []Change // in the order of the cart, then what was set aside; empty: the cart is as it was on screen
	Joined  bool     // there was an anonymous cart with something in it
}

// Merge joins the anonymous cart of a visitor with the cart they own as a customer. It loses no
// product, takes the larger quantity and never the sum, and gives the same cart when done twice.
// The lines on screen come first, then the customer's, each newest first.
//
// Browsing: all lines of both; more than MaxLines: the newest stay, the rest is saved for later.
// CheckingOut: the lines and quantities on screen; the customer's other lines are saved for later.
// In both a quantity above the cap is set to it; a line that sold out stays, is not counted and
// blocks the checkout.
func Merge(guest, own Cart, from From) Merged {
	m := merger{guest: guest, own: own, from: from}
	m.join()
	m.crowd()
	for i, l := range m.lines {
		m.lines[i] = capped(l)
	}
	merged := Merged{Cart: Cart{ID: own.ID, Lines: m.lines, Saved: m.saved}, Changes: m.changes(), Joined: true}
	if len(merged.Changes) > 0 {
		merged.Cart.Undo = &Undo{Kind: MergeUndone, Lines: slices.Clone(guest.Lines), Changes: merged.Changes}
	}
	return merged
}

// merger holds a merge while it is worked out.
type merger struct {
	guest, own   Cart
	from         From
	lines, saved []Line
	savedBefore  []Line // what both had saved for later
}

// join puts together the lines of both carts.
func (m *merger) join() {
	guest, own := newestFirst(m.guest.Lines), newestFirst(m.own.Lines)
	m.savedBefore = union(m.guest.Saved, m.own.Saved)
	m.saved = m.savedBefore
	if m.from == CheckingOut {
		m.lines = guest
		m.saved = union(m.saved, without(own, guest))
		return
	}
	for _, l := range guest {
		if i := find(own, l.Product.SKU); i >= 0 {
			l = larger(l, own[i])
		}
		m.lines = append(m.lines, l)
	}
	m.lines = append(m.lines, without(own, guest)...)
}

// crowd saves for later what is more than MaxLines, the oldest lines.
func (m *merger) crowd() {
	if len(m.lines) <= MaxLines {
		return
	}
	stay := newestFirst(m.lines)[:MaxLines]
	m.saved = union(m.saved, without(m.lines, stay))
	m.lines = slices.DeleteFunc(m.lines, func(l Line) bool { return find(stay, l.Product.SKU) < 0 })
}

// changes lists what differs from the cart that was on screen.
func (m *merger) changes() []Change {
	var changes []Change
	for _, l := range m.lines {
		if c, ok := m.change(l); ok {
			changes = append(changes, c)
		}
	}
	for _, l := range m.saved {
		sku := l.Product.SKU
		switch {
		case !m.aside(sku):
		case m.from == CheckingOut:
			changes = append(changes, Change{Kind: SetAside, Product: l.Product})
		default:
			changes = append(changes, Change{Kind: Crowded, Product: l.Product, Before: quantity(m.guest.Lines, sku),
				Saved: quantity(m.savedBefore, sku)})
		}
	}
	return changes
}

// change is what the merge did to a line that is in the cart now.
func (m *merger) change(l Line) (Change, bool) {
	sku := l.Product.SKU
	c := Change{Product: l.Product, Before: quantity(m.guest.Lines, sku), Now: l.Counted()}
	wanted := max(c.Before, quantity(m.own.Lines, sku))
	if m.from == CheckingOut {
		wanted = c.Before
	}
	switch {
	case l.SoldOut() && c.Before == 0:
		c.Kind = GoneOut
	case l.SoldOut():
		return Change{}, false
	case l.Quantity < wanted:
		c.Kind = Capped
	case c.Before == 0:
		c.Kind = Taken
	case l.Quantity > c.Before:
		c.Kind = Raised
	default:
		return Change{}, false
	}
	return c, true
}

// aside reports whether the merge moved a product out of a cart to what is saved for later.
func (m *merger) aside(sku string) bool {
	was := find(m.guest.Lines, sku) >= 0 || find(m.own.Lines, sku) >= 0
	return was && find(m.lines, sku) < 0
}

// union joins two lists, newest first; a product in both has the larger quantity.
func union(a, b []Line) []Line {
	joined := slices.Clone(a)
	for _, l := range b {
		if i := find(joined, l.Product.SKU); i >= 0 {
			joined[i] = larger(joined[i], l)
			continue
		}
		joined = append(joined, l)
	}
	return newestFirst(joined)
}

// without is the lines of a whose products are not in b.
func without(a, b []Line) []Line {
	var rest []Line
	for _, l := range a {
		if find(b, l.Product.SKU) < 0 {
			rest = append(rest, l)
		}
	}
	return rest
}

// larger is one line for a product that two carts hold: the larger quantity, the rest from the line
// added later.
func larger(a, b Line) Line {
	later := a
	if b.Added.After(a.Added) {
		later = b
	}
	later.Quantity = max(a.Quantity, b.Quantity)
	return later
}

// newestFirst is a sorted copy; lines added at the same moment come by product.
func newestFirst(lines []Line) []Line {
	sorted := slices.Clone(lines)
	slices.SortFunc(sorted, func(a, b Line) int {
		return cmp.Or(b.Added.Compare(a.Added), cmp.Compare(a.Product.ID, b.Product.ID))
	})
	return sorted
}

func quantity(lines []Line, sku string) int {
	if i := find(lines, sku); i >= 0 {
		return lines[i].Quantity
	}
	return 0
}
