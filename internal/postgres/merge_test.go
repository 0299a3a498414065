package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/postgres"
)

// merge merges as a sign-in would.
func merge(ctx context.Context, pool *pgxpool.Pool, guest, customer int64, from cart.From) (merged cart.Merged,
	err error) {
	return postgres.MergeCarts(ctx, postgres.New(pool), guest, customer, from)
}

func mustMerge(t testing.TB, pool *pgxpool.Pool, guest, customer int64, from cart.From) cart.Merged {
	t.Helper()
	merged, err := merge(t.Context(), pool, guest, customer, from)
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

// mergeRows are the cases of the merge: pieces on screen, pieces in the customer's cart, what is
// left since, and what comes out.
var mergeRows = []struct {
	name               string
	guest, own         map[string]int
	left               map[string]int
	browsing, checkout string
}{
	{"only the visitor has it", map[string]int{"AAA": 2}, nil, nil, "AAA×2 | ", "AAA×2 | "},
	{"only the customer has it", map[string]int{"BBB": 1}, map[string]int{"AAA": 2}, nil, "BBB×1 AAA×2 | ",
		"BBB×1 | AAA×2"},
	{"both have it, the customer more", map[string]int{"AAA": 2}, map[string]int{"AAA": 5}, nil, "AAA×5 | ", "AAA×2 | "},
	{"both have it, the visitor more", map[string]int{"AAA": 5}, map[string]int{"AAA": 2}, nil, "AAA×5 | ", "AAA×5 | "},
	{"more than is left", map[string]int{"AAA": 5}, map[string]int{"AAA": 8}, map[string]int{"AAA": 3}, "AAA×3 | ",
		"AAA×3 | "},
	{"sold out", map[string]int{"AAA": 5}, map[string]int{"BBB": 1}, map[string]int{"AAA": 0}, "AAA×5 BBB×1 | ",
		"AAA×5 | BBB×1"},
	{"sold out in the customer's cart", map[string]int{"BBB": 1}, map[string]int{"AAA": 5}, map[string]int{"AAA": 0},
		"BBB×1 AAA×5 | ", "BBB×1 | AAA×5"},
	{"the customer has no cart", map[string]int{"AAA": 1, "BBB": 1}, nil, map[string]int{"AAA": 1}, "", ""},
}

func TestTheMergeTableHoldsInTheDatabase(t *testing.T) {
	t.Parallel()
	for _, row := range mergeRows {
		for from, want := range map[cart.From]string{cart.Browsing: row.browsing, cart.CheckingOut: row.checkout} {
			s, pool := newStore(t)
			putProduct(t, pool, "AAA", 20, 10_00)
			putProduct(t, pool, "BBB", 20, 10_00)
			owner := cart.Owner{CustomerID: putCustomer(t, pool, "alice")}
			fill(t, s, owner, row.own)
			guest := cart.Owner{CartID: fill(t, s, cart.Owner{}, row.guest)}
			for sku, left := range row.left {
				exec(t, pool, `UPDATE products SET stock = $2 WHERE sku = $1`, sku, left)
			}
			if want == "" {
				want = shown(t, s, guest)
			}
			merged := mustMerge(t, pool, guest.CartID, owner.CustomerID, from)
			if got := shown(t, s, owner); got != want {
				t.Errorf("%s, %s: %s, want %s", row.name, from, got, want)
			}
			if got := list(merged.Cart.Lines) + " | " + list(merged.Cart.Saved); got != want {
				t.Errorf("%s, %s: got %s, want %s", row.name, from, got, want)
			}
		}
	}
}

// meeting is a guest cart AAA×2 BBB×1 and a customer's BBB×3 CCC×2.
func meeting(t testing.TB) (s *postgres.Store, pool *pgxpool.Pool, guest, owner cart.Owner) {
	t.Helper()
	s, pool = newStore(t)
	for _, sku := range []string{"AAA", "BBB", "CCC"} {
		putProduct(t, pool, sku, 20, 10_00)
	}
	owner = cart.Owner{CustomerID: putCustomer(t, pool, "alice")}
	fill(t, s, owner, map[string]int{"CCC": 2})
	fill(t, s, owner, map[string]int{"BBB": 3})
	guest = cart.Owner{CartID: fill(t, s, cart.Owner{}, map[string]int{"BBB": 1})}
	fill(t, s, guest, map[string]int{"AAA": 2})
	return s, pool, guest, owner
}

func TestAMergeIsToldAndCanBeUndone(t *testing.T) {
	t.Parallel()
	s, pool, guest, owner := meeting(t)
	mustMerge(t, pool, guest.CartID, owner.CustomerID, cart.Browsing)
	c, err := s.Cart(t.Context(), owner)
	if err != nil || c.Undo == nil || c.Undo.Kind != cart.MergeUndone || !c.Undo.Worth() {
		t.Fatalf("undo %+v, %v", c.Undo, err)
	}
	var changes []string
	for _, change := range c.Undo.Changes {
		changes = append(changes, fmt.Sprintf("%s %s %d→%d", change.Kind, change.Product.Name, change.Before, change.Now))
	}
	if got := fmt.Sprint(changes); got != "[raised BBB 1→3 taken CCC 0→2]" {
		t.Error(got)
	}
	if err := s.UndoCart(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	if got := shown(t, s, owner); got != "AAA×2 BBB×1 | CCC×2" {
		t.Error(got)
	}
}

func TestUndoingAMergeThatFilledTheCartLeavesWhatWasSaved(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 20, 10_00)
	owner := cart.Owner{CustomerID: putCustomer(t, pool, "alice")}
	fill(t, s, owner, map[string]int{"AAA": 3})
	if err := s.SaveLine(t.Context(), owner, "AAA"); err != nil {
		t.Fatal(err)
	}
	guest := cart.Owner{CartID: fill(t, s, cart.Owner{}, map[string]int{"AAA": 1})}
	for i := range cart.MaxLines {
		sku := fmt.Sprintf("O%02d", i)
		putProduct(t, pool, sku, 20, 10_00)
		fill(t, s, owner, map[string]int{sku: 1})
	}
	mustMerge(t, pool, guest.CartID, owner.CustomerID, cart.Browsing)
	if err := s.UndoCart(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	if got := shown(t, s, owner); !strings.HasPrefix(got, "AAA×1 | ") || !strings.Contains(got+" ", " AAA×3 ") {
		t.Errorf("got %s, want AAA×1 in the cart and AAA×3 saved", got)
	}
}

func TestTheMergedCartIsEmptiedAndClosed(t *testing.T) {
	t.Parallel()
	s, pool, guest, owner := meeting(t)
	mustMerge(t, pool, guest.CartID, owner.CustomerID, cart.Browsing)
	if n := number(t, pool, `SELECT count(*) FROM carts WHERE id = $1 AND closed IS NOT NULL`, guest.CartID); n != 1 {
		t.Error("not closed")
	}
	if n := number(t, pool, `SELECT count(*) FROM cart_lines WHERE cart_id = $1`, guest.CartID); n != 0 {
		t.Errorf("%d lines left", n)
	}
	before := shown(t, s, owner)
	if _, _, err := s.AddLine(t.Context(), guest, "AAA", 1); !errors.Is(err, cart.ErrClosed) {
		t.Errorf("late addition: %v", err)
	}
	mustMerge(t, pool, guest.CartID, owner.CustomerID, cart.CheckingOut)
	if got := shown(t, s, owner); got != before {
		t.Errorf("merged again: %s, was %s", got, before)
	}
}

func TestThereIsNothingToMergeInAnothersCartOrNone(t *testing.T) {
	t.Parallel()
	s, pool, guest, owner := meeting(t)
	bob := putCustomer(t, pool, "bob")
	alices := int64(number(t, pool, `SELECT id FROM carts WHERE customer_id = $1`, owner.CustomerID))
	for _, id := range []int64{0, alices, 999_999} {
		if merged := mustMerge(t, pool, id, bob, cart.Browsing); len(merged.Changes) > 0 || len(merged.Cart.Lines) > 0 {
			t.Errorf("cart %d: %+v", id, merged)
		}
	}
	if got := shown(t, s, cart.Owner{CustomerID: bob}); got != " | " {
		t.Error(got)
	}
	if a, g := shown(t, s, owner), shown(t, s, guest); a != "BBB×3 CCC×2 | " || g != "AAA×2 BBB×1 | " {
		t.Errorf("%s, %s", a, g)
	}
}

func TestAnEmptyGuestCartLeavesTheCustomersAlone(t *testing.T) {
	t.Parallel()
	s, pool, guest, owner := meeting(t)
	for _, sku := range []string{"AAA", "BBB"} {
		if err := s.SetLine(t.Context(), guest, sku, 0); err != nil {
			t.Fatal(err)
		}
	}
	mustMerge(t, pool, guest.CartID, owner.CustomerID, cart.CheckingOut)
	if got := shown(t, s, owner); got != "BBB×3 CCC×2 | " {
		t.Error(got)
	}
}

func TestAdditionsDuringAMergeAreMergedOrRefused(t *testing.T) {
	t.Parallel()
	s, pool, guest, owner := meeting(t)
	accepted := 0
	allAtOnce(2, func(i int) {
		if i == 0 {
			if _, err := merge(t.Context(), pool, guest.CartID, owner.CustomerID, cart.Browsing); err != nil {
				t.Error(err)
			}
			return
		}
		for range 5 {
			switch _, _, err := s.AddLine(t.Context(), guest, "AAA", 1); {
			case err == nil:
				accepted++
			case !errors.Is(err, cart.ErrClosed):
				t.Error(err)
			}
		}
	})
	if got, want := shown(t, s, owner), fmt.Sprintf("AAA×%d BBB×3 CCC×2 | ", 2+accepted); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTwoMergesOfOneCartMergeOnce(t *testing.T) {
	t.Parallel()
	s, pool, guest, owner := meeting(t)
	allAtOnce(2, func(int) {
		if _, err := merge(t.Context(), pool, guest.CartID, owner.CustomerID, cart.Browsing); err != nil {
			t.Error(err)
		}
	})
	if got := shown(t, s, owner); got != "AAA×2 BBB×3 CCC×2 | " {
		t.Error(got)
	}
}
