package cart_test

import (
	"errors"
	"fmt"
	"testing"

	"hookandtag.example/shop/internal/cart"
)

func TestARemovedLineReturnsToItsPlace(t *testing.T) {
	c := cart.Cart{Lines: []cart.Line{line(product("A"), 1, 3), line(product("B"), 2, 2), line(product("C"), 3, 1)}}
	if err := c.Set("B", 0); err != nil || c.Undo == nil || !c.Undo.Worth() {
		t.Fatalf("removal: %v, %+v", err, c.Undo)
	}
	if err := c.TakeBack(); err != nil || show(c.Lines) != "A×1 B×2 C×3" {
		t.Errorf("%s, %v", show(c.Lines), err)
	}
	if err := c.TakeBack(); !errors.Is(err, cart.ErrNothingToUndo) {
		t.Errorf("a second time: %v", err)
	}
}

func TestWhatWasSavedForLaterReturnsToItsPlace(t *testing.T) {
	for _, left := range []int{100, 2, 0} { // saved, a line keeps its quantity whatever is left
		c := cart.Cart{Lines: []cart.Line{line(product("L"), 1, 1)},
			Saved: []cart.Line{line(product("A"), 1, 3), line(product("B", stock(left)), 5, 2), line(product("C"), 3, 1)}}
		c.Discard("B")
		if show(c.Saved) != "A×1 C×3" || !c.Undo.Worth() {
			t.Fatalf("taken out: saved %s, undo %+v", show(c.Saved), c.Undo)
		}
		c.Discard("B") // pressed twice
		if err := c.TakeBack(); err != nil || show(c.Saved) != "A×1 B×5 C×3" || show(c.Lines) != "L×1" {
			t.Errorf("%d left: got %s | %s, %v; want L×1 | A×1 B×5 C×3", left, show(c.Lines), show(c.Saved), err)
		}
		if err := c.TakeBack(); !errors.Is(err, cart.ErrNothingToUndo) {
			t.Errorf("a second time: %v", err)
		}
	}
}

func TestAnUndoEndsWithTheNextChange(t *testing.T) {
	for what, change := range map[string]func(*cart.Cart) error{
		"set":     func(c *cart.Cart) error { return c.Set("A", 5) },
		"save":    func(c *cart.Cart) error { return c.Save("A") },
		"restore": func(c *cart.Cart) error { return c.Restore("S") },
		"discard, then set": func(c *cart.Cart) error {
			c.Discard("S")
			return c.Set("A", 5)
		},
	} {
		c := cart.Cart{Lines: []cart.Line{line(product("A"), 1, 2), line(product("B"), 2, 1)},
			Saved: []cart.Line{line(product("S"), 1, 1)}}
		if err := c.Set("B", 0); err != nil {
			t.Fatal(err)
		}
		if err := change(&c); err != nil || c.Undo != nil {
			t.Errorf("%s: %v, undo %+v", what, err, c.Undo)
		}
	}
}

func TestAnUndoOutlivesARefusalAndARepeatedRemoval(t *testing.T) {
	c := cart.Cart{Lines: []cart.Line{line(product("A"), 1, 2), line(product("B"), 2, 1)}}
	if err := c.Set("B", 0); err != nil {
		t.Fatal(err)
	}
	if err := c.Set("A", 11); err == nil || c.Undo == nil {
		t.Errorf("refused: %v, undo %+v", err, c.Undo)
	}
	if err := c.Set("B", 0); err != nil || c.Undo == nil {
		t.Errorf("removed again: %v, undo %+v", err, c.Undo)
	}
}

func TestNothingComesBackInAQuantityThatIsGone(t *testing.T) {
	for left, want := range map[int]string{100: "A×5", 2: "A×2", 0: "A×5"} {
		c := cart.Cart{Lines: []cart.Line{line(product("A"), 5, 1)}}
		if err := c.Set("A", 0); err != nil {
			t.Fatal(err)
		}
		c.Undo.Lines[0].Product.Stock = left
		if err := c.TakeBack(); err != nil || show(c.Lines) != want {
			t.Errorf("%d left: %s, %v; want %s", left, show(c.Lines), err, want)
		}
	}
}

func TestUndoingAMergeKeepsJustWhatWasOnScreen(t *testing.T) {
	guest := cart.Cart{Lines: []cart.Line{line(product("A"), 2, 5), line(product("B"), 1, 4)}}
	own := cart.Cart{ID: 7, Lines: []cart.Line{line(product("B"), 3, 3), line(product("C"), 2, 2)},
		Saved: []cart.Line{line(product("S"), 1, 1)}}
	c := cart.Merge(guest, own, cart.Browsing).Cart
	if err := c.TakeBack(); err != nil || show(c.Lines) != "A×2 B×1" || show(c.Saved) != "C×2 S×1" || c.ID != 7 {
		t.Errorf("%s | %s, %v", show(c.Lines), show(c.Saved), err)
	}
}

func TestAMergeIsWorthUndoingIfSomethingWouldChange(t *testing.T) {
	scarce := product("A", stock(2))
	for what, c := range map[string]struct {
		own            []cart.Line
		from           cart.From
		worth, lowered bool
	}{
		"only lowered":                     {nil, cart.Browsing, false, true},
		"lowered, and another line joined": {[]cart.Line{line(product("B"), 1, 1)}, cart.Browsing, true, false},
		"the other saved for later":        {[]cart.Line{line(product("B"), 1, 1)}, cart.CheckingOut, false, false},
	} {
		merged := cart.Merge(cart.Cart{Lines: []cart.Line{line(scarce, 3, 1)}}, cart.Cart{Lines: c.own}, c.from).Cart
		if worth, lowered := merged.Undo.Worth(), merged.Undo.OnlyLowered(); worth != c.worth || lowered != c.lowered {
			t.Errorf("%s: got worth undoing %v and only lowered %v, want %v and %v", what, worth, lowered, c.worth, c.lowered)
		}
		before := fmt.Sprint(show(merged.Lines), " | ", show(merged.Saved))
		err := merged.TakeBack()
		if after := fmt.Sprint(show(merged.Lines), " | ", show(merged.Saved)); (after != before) != c.worth ||
			errors.Is(err, cart.ErrNothingToUndo) == c.worth {
			t.Errorf("%s: got %s, before undoing %s, %v", what, after, before, err)
		}
	}
	guest, own := []cart.Line{line(scarce, 2, 1)}, []cart.Line{line(scarce, 3, 1)}
	most := cart.Merge(cart.Cart{Lines: guest}, cart.Cart{Lines: own}, cart.Browsing).Cart
	if most.Undo.Worth() || most.Undo.OnlyLowered() {
		t.Error("the cart from before held more than there is: nothing was lowered, and nothing would change")
	}
	var none *cart.Undo
	if none.Worth() {
		t.Error("nothing is not worth undoing")
	}
}

func TestUndoingACrowdedMergeBringsBackEveryLineOnce(t *testing.T) {
	var guest, own cart.Cart
	for i := range 30 {
		guest.Lines = append(guest.Lines, line(product(fmt.Sprintf("G%02d", i)), 1, 1))
		own.Lines = append(own.Lines, line(product(fmt.Sprintf("O%02d", i)), 1, 2))
	}
	own.Saved = []cart.Line{line(guest.Lines[29].Product, 5, 1), line(product("S"), 1, 1)}
	c := cart.Merge(guest, own, cart.Browsing).Cart
	if err := c.TakeBack(); err != nil || show(c.Lines) != show(guest.Lines) || len(c.Saved) != 32 {
		t.Errorf("%s | %s, %v", show(c.Lines), show(c.Saved), err)
	}
}

func TestUndoingAMergeLeavesWhatTheCustomerHadSaved(t *testing.T) {
	guest := cart.Cart{Lines: []cart.Line{line(product("A"), 1, 2)}}
	own := cart.Cart{Lines: []cart.Line{line(product("B"), 1, 1)}, Saved: []cart.Line{line(product("A"), 5, 1)}}
	c := cart.Merge(guest, own, cart.Browsing).Cart
	if err := c.TakeBack(); err != nil || show(c.Lines) != "A×1" || show(c.Saved) != "A×5 B×1" {
		t.Errorf("%s | %s, %v", show(c.Lines), show(c.Saved), err)
	}
}

func TestUndoingACrowdedMergeLeavesWhatTheCustomerHadSaved(t *testing.T) {
	for _, onScreen := range []int{1, 5} {
		var own cart.Cart
		for i := range cart.MaxLines {
			own.Lines = append(own.Lines, line(product(fmt.Sprintf("O%02d", i)), 1, 2))
		}
		own.Saved = []cart.Line{line(product("X"), 3, 1)}
		guest := cart.Cart{Lines: []cart.Line{line(product("X"), onScreen, 1)}}
		c := cart.Merge(guest, own, cart.Browsing).Cart
		if err := c.TakeBack(); err != nil || show(c.Lines) != show(guest.Lines) {
			t.Fatalf("got %s, %v, want what was on screen, %s", show(c.Lines), err, show(guest.Lines))
		}
		if n := len(c.Saved); n != cart.MaxLines+1 || show(c.Saved[n-1:]) != "X×3" {
			t.Errorf("%d on screen: got %d saved, the last %s, want %d and X×3", onScreen, n, show(c.Saved[n-1:]),
				cart.MaxLines+1)
		}
	}
}
