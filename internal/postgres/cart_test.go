package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/visitor"
)

// filled is an anonymous cart with CCC×3 BBB×2 AAA×1, the last added first.
func filled(t testing.TB, s *postgres.Store, pool *pgxpool.Pool) cart.Owner {
	t.Helper()
	var o cart.Owner
	for i, sku := range []string{"AAA", "BBB", "CCC"} {
		putProduct(t, pool, sku, 20, 10_00)
		o.CartID = fill(t, s, o, map[string]int{sku: i + 1})
	}
	return o
}

// step is one change of a cart and what it gives.
type step struct {
	what string
	do   func() error
	want string
	err  error
}

func walk(t *testing.T, s *postgres.Store, o cart.Owner, steps []step) {
	t.Helper()
	for _, step := range steps {
		err := step.do()
		if got := shown(t, s, o); got != step.want || !errors.Is(err, step.err) {
			t.Errorf("%s: %s, %v; want %s, %v", step.what, got, err, step.want, step.err)
		}
	}
}

// Pages show the cart as it was read with the session.
func TestACartReadWithItsSessionIsTheCart(t *testing.T) {
	t.Parallel()
	pool, s := hangCustomers(t)
	o := filled(t, s, pool)
	exec(t, pool, `UPDATE sessions SET cart_id = (SELECT max(id) FROM carts) WHERE handle = 'nobody'`)
	exec(t, pool, `UPDATE carts SET added = ARRAY(SELECT now() + p * interval '1 minute' FROM unnest(products) p),
		prices = ARRAY(SELECT 100 + p FROM unnest(products) p)`)
	for _, err := range []error{s.SetLine(t.Context(), o, "AAA", 4), s.SaveLine(t.Context(), o, "BBB"),
		s.SaveLine(t.Context(), o, "CCC"), s.RestoreLine(t.Context(), o, "BBB")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	products, err := postgres.NewCatalog(s, nil).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := s.FindSession(t.Context(), idOf("nobody"))
	if err != nil {
		t.Fatal(err)
	}
	got := r.Along.(visitor.Along).Glance.Cart(o.CartID, products)
	want, err := s.Cart(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	lines := func(c cart.Cart) (text string) {
		for _, l := range slices.Concat(c.Lines, c.Saved) {
			text += fmt.Sprintln(l.Product.SKU, l.Quantity, l.PriceAdded, l.Added.Unix())
		}
		return text
	}
	if lines(got) != lines(want) || len(got.Saved) != len(want.Saved) {
		t.Errorf("got\n%s, want\n%s", lines(got), lines(want))
	}
}

func TestACartIsSetRemovedFromAndUndone(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	o := filled(t, s, pool)
	set := func(sku string, n int) func() error { return func() error { return s.SetLine(t.Context(), o, sku, n) } }
	undo := func() error { return s.UndoCart(t.Context(), o) }
	walk(t, s, o, []step{
		{"more", set("BBB", 10), "CCC×3 BBB×10 AAA×1 | ", nil},
		{"remove", set("BBB", 0), "CCC×3 AAA×1 | ", nil},
		{"undo", undo, "CCC×3 BBB×10 AAA×1 | ", nil},
		{"undo again", undo, "CCC×3 BBB×10 AAA×1 | ", cart.ErrNothingToUndo},
		{"unknown line", set("DDD", 1), "CCC×3 BBB×10 AAA×1 | ", cart.ErrNoLine},
		{"no quantity", set("AAA", -1), "CCC×3 BBB×10 AAA×1 | ", cart.ErrQuantity},
		{"remove", set("AAA", 0), "CCC×3 BBB×10 | ", nil},
		{"remove once more", set("AAA", 0), "CCC×3 BBB×10 | ", nil},
		{"undo after both", undo, "CCC×3 BBB×10 AAA×1 | ", nil},
	})
}

func TestAnAdditionEndsTheUndoAndARefusedOneDoesNot(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	o := filled(t, s, pool)
	add := func(n int) func() error {
		return func() error { _, _, err := s.AddLine(t.Context(), o, "CCC", n); return err }
	}
	if err := s.SetLine(t.Context(), o, "BBB", 0); err != nil {
		t.Fatal(err)
	}
	if err := add(8)(); err == nil {
		t.Fatal("11 pieces accepted")
	}
	c, err := s.Cart(t.Context(), o)
	if err != nil || c.Undo == nil || c.Undo.Lines[0].Product.Name != "BBB" || c.Undo.Kind != cart.RemovalUndone {
		t.Errorf("after a refusal: undo %+v, %v", c.Undo, err)
	}
	walk(t, s, o, []step{
		{"add", add(1), "CCC×4 AAA×1 | ", nil},
		{"undo", func() error { return s.UndoCart(t.Context(), o) }, "CCC×4 AAA×1 | ", cart.ErrNothingToUndo},
	})
}

func TestTheLastLineRemovedCanBeUndone(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 5, 10_00)
	o := cart.Owner{CartID: fill(t, s, cart.Owner{}, map[string]int{"AAA": 2})}
	walk(t, s, o, []step{
		{"remove", func() error { return s.SetLine(t.Context(), o, "AAA", 0) }, " | ", nil},
		{"undo", func() error { return s.UndoCart(t.Context(), o) }, "AAA×2 | ", nil},
	})
}

func TestWhatIsNoLongerSoldDoesNotComeBack(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	o := filled(t, s, pool)
	if err := s.SetLine(t.Context(), o, "BBB", 0); err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `DELETE FROM products WHERE sku = 'BBB'`)
	walk(t, s, o, []step{{"undo", func() error { return s.UndoCart(t.Context(), o) }, "CCC×3 AAA×1 | ", nil}})
}

func TestWhatIsNoLongerSoldLeavesTheCart(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	o := filled(t, s, pool)
	exec(t, pool, `DELETE FROM products WHERE sku = 'BBB'`)
	walk(t, s, o, []step{
		{"look", func() error { return nil }, "CCC×3 AAA×1 | ", nil},
		{"set", func() error { return s.SetLine(t.Context(), o, "BBB", 1) }, "CCC×3 AAA×1 | ", cart.ErrNoLine},
		{"set another", func() error { return s.SetLine(t.Context(), o, "AAA", 2) }, "CCC×3 AAA×2 | ", nil},
	})
	if n := number(t, pool, `SELECT count(*) FROM cart_lines`); n != 2 {
		t.Errorf("after a change the row holds %d lines, want 2", n)
	}
}

func TestALineIsSavedForLaterAndRestored(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	o := filled(t, s, pool)
	save := func(sku string) func() error { return func() error { return s.SaveLine(t.Context(), o, sku) } }
	restore := func(sku string) func() error { return func() error { return s.RestoreLine(t.Context(), o, sku) } }
	walk(t, s, o, []step{
		{"save", save("BBB"), "CCC×3 AAA×1 | BBB×2", nil},
		{"save again", save("BBB"), "CCC×3 AAA×1 | BBB×2", cart.ErrNoLine},
		{"save another", save("CCC"), "AAA×1 | CCC×3 BBB×2", nil},
		{"restore", restore("BBB"), "BBB×2 AAA×1 | CCC×3", nil},
		{"restore what is not saved", restore("AAA"), "BBB×2 AAA×1 | CCC×3", cart.ErrNoLine},
		{"take out", func() error { return s.DiscardLine(t.Context(), o, "CCC") }, "BBB×2 AAA×1 | ", nil},
		{"take out again", func() error { return s.DiscardLine(t.Context(), o, "CCC") }, "BBB×2 AAA×1 | ", nil},
		{"undo", func() error { return s.UndoCart(t.Context(), o) }, "BBB×2 AAA×1 | CCC×3", nil},
	})
}

func TestAForgottenCartTakesNothingAnyMore(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	o := filled(t, s, pool)
	if err := errors.Join(s.SaveLine(t.Context(), o, "AAA"), s.ForgetCart(t.Context(), o)); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.AddLine(t.Context(), o, "AAA", 1)
	walk(t, s, o, []step{
		{"add", func() error { return err }, " | ", cart.ErrClosed},
		{"set", func() error { return s.SetLine(t.Context(), o, "AAA", 2) }, " | ", cart.ErrClosed},
		{"save", func() error { return s.SaveLine(t.Context(), o, "AAA") }, " | ", cart.ErrClosed},
		{"restore", func() error { return s.RestoreLine(t.Context(), o, "AAA") }, " | ", cart.ErrClosed},
		{"undo", func() error { return s.UndoCart(t.Context(), o) }, " | ", cart.ErrClosed},
		{"forget again", func() error { return s.ForgetCart(t.Context(), o) }, " | ", nil},
	})
	if n := number(t, pool, `SELECT count(*) FROM cart_lines`); n != 0 {
		t.Errorf("%d lines kept", n)
	}
}

func TestACustomersCartIsReachedOnlyAsTheirs(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 20, 10_00)
	alice, bob := cart.Owner{CustomerID: putCustomer(t, pool, "alice")},
		cart.Owner{CustomerID: putCustomer(t, pool, "bob")}
	fill(t, s, alice, map[string]int{"AAA": 2})
	id := int64(number(t, pool, `SELECT id FROM carts`))
	if got := shown(t, s, cart.Owner{CartID: id}); got != " | " {
		t.Errorf("as an anonymous cart: %s", got)
	}
	if _, _, err := s.AddLine(t.Context(), cart.Owner{CartID: id}, "AAA", 1); !errors.Is(err, cart.ErrClosed) {
		t.Errorf("adding as to an anonymous cart: %v", err)
	}
	if err := s.ForgetCart(t.Context(), cart.Owner{CartID: id}); err != nil {
		t.Error(err)
	}
	fill(t, s, cart.Owner{CartID: id, CustomerID: bob.CustomerID}, map[string]int{"AAA": 1})
	if a, b := shown(t, s, alice), shown(t, s, bob); a != "AAA×2 | " || b != "AAA×1 | " {
		t.Errorf("alice %s, bob %s", a, b)
	}
}

func TestThePriceOfTodayIsShownBesideTheOneWhenAdded(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	o := filled(t, s, pool)
	exec(t, pool, `UPDATE products SET price = 900 WHERE sku = 'AAA'`)
	fill(t, s, o, map[string]int{"AAA": 1})
	c, err := s.Cart(t.Context(), o)
	l, _ := c.Line("AAA")
	if err != nil || !l.PriceChanged() || l.PriceAdded != 10_00 || l.Total() != 18_00 || c.Subtotal() != 68_00 {
		t.Errorf("%+v, %s, %v", l, c.Subtotal(), err)
	}
}

func TestChangesAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	o := filled(t, s, pool)
	allAtOnce(4, func(i int) {
		var err error
		switch i {
		case 0:
			err = s.SetLine(t.Context(), o, "AAA", 7)
		case 1:
			err = s.SaveLine(t.Context(), o, "BBB")
		default:
			_, _, err = s.AddLine(t.Context(), o, "CCC", 1)
		}
		if err != nil {
			t.Error(err)
		}
	})
	if got := shown(t, s, o); got != "CCC×5 AAA×7 | BBB×2" {
		t.Error(got)
	}
}
