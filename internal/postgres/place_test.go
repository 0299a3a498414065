package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
)

var address = order.Details{Name: "Alice Example", Street: "Rail 7", Postcode: "10115", City: "Berlin", Country: "DE"}

// review brings a customer to the review with these pieces in the cart, and returns the press on
// the button.
func review(t testing.TB, s *postgres.Store, pool *pgxpool.Pool, name string, pieces map[string]int) order.Placing {
	t.Helper()
	id := putCustomer(t, pool, name)
	fill(t, s, cart.Owner{CustomerID: id}, pieces)
	if err := s.SaveAddress(t.Context(), id, address); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveDelivery(t.Context(), id, order.Post); err != nil {
		t.Fatal(err)
	}
	return agreed(t, s, id)
}

// agreed is the press on the button of a review shown now.
func agreed(t testing.TB, s *postgres.Store, customer int64) order.Placing {
	t.Helper()
	checkout, err := s.Checkout(t.Context(), customer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Cart(t.Context(), cart.Owner{CustomerID: customer})
	if err != nil {
		t.Fatal(err)
	}
	return order.Placing{CustomerID: customer, Key: checkout.Key,
		Total: order.TotalsOf(c, checkout.Details.Delivery).Total}
}

func stockOf(t testing.TB, pool *pgxpool.Pool, sku string) int {
	t.Helper()
	return number(t, pool, `SELECT stock FROM products WHERE sku = $1`, sku)
}

func TestAnOrderTakesTheCartTheStockAndTheKey(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 5, 10_00)
	putProduct(t, pool, "BBB", 5, 12_50)
	putProduct(t, pool, "CCC", 5, 1_00)
	p := review(t, s, pool, "alice", map[string]int{"CCC": 1})
	if err := s.SaveLine(t.Context(), cart.Owner{CustomerID: p.CustomerID}, "CCC"); err != nil {
		t.Fatal(err)
	}
	fill(t, s, cart.Owner{CustomerID: p.CustomerID}, map[string]int{"AAA": 2})
	fill(t, s, cart.Owner{CustomerID: p.CustomerID}, map[string]int{"BBB": 1})
	p = agreed(t, s, p.CustomerID)
	placed, err := s.PlaceOrder(t.Context(), p)
	if err != nil || !order.ValidNumber(placed.Number) || placed.Placed.IsZero() {
		t.Fatalf("%+v, %v", placed, err)
	}
	if want := (order.Totals{Subtotal: 32_50, Delivery: 4_90, Total: 37_40, VAT: 5_97}); placed.Totals != want ||
		placed.Units != 3 {
		t.Errorf("%+v, %d units; want %+v", placed.Totals, placed.Units, want)
	}
	if a, b := stockOf(t, pool, "AAA"), stockOf(t, pool, "BBB"); a != 3 || b != 4 {
		t.Errorf("stock %d, %d", a, b)
	}
	if got := shown(t, s, cart.Owner{CustomerID: p.CustomerID}); got != " | CCC×1" {
		t.Errorf("cart %s: what is saved for later stays", got)
	}
	next, err := s.Checkout(t.Context(), p.CustomerID)
	if err != nil || next.Key == p.Key || next.Details.Street != address.Street {
		t.Errorf("next checkout %+v, %v", next, err)
	}
	found, err := s.Order(t.Context(), p.CustomerID, placed.Number)
	placed.CancelLeft = found.CancelLeft
	if err != nil || fmt.Sprint(found) != fmt.Sprint(placed) {
		t.Errorf("found %+v, placed %+v, %v", found, placed, err)
	}
	if got := found.Lines[0].Name + found.Lines[1].Name; got != "BBBAAA" {
		t.Errorf("lines in the order %s, want that of the cart", got)
	}
}

func TestTheLastPieceIsSoldOnce(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "LAST", 1, 10_00)
	presses := make([]order.Placing, 20)
	for i := range presses {
		presses[i] = review(t, s, pool, fmt.Sprint("customer ", i), map[string]int{"LAST": 1})
	}
	var mu sync.Mutex
	orders, refusals := 0, 0
	allAtOnce(len(presses), func(i int) {
		_, err := s.PlaceOrder(t.Context(), presses[i])
		mu.Lock()
		defer mu.Unlock()
		var soldOut *order.SoldOutError
		switch {
		case err == nil:
			orders++
		case errors.As(err, &soldOut) && list(soldOut.Lines) == "LAST×1":
			refusals++
		default:
			t.Error(err)
		}
	})
	if orders != 1 || refusals != 19 || stockOf(t, pool, "LAST") != 0 ||
		number(t, pool, `SELECT count(*) FROM orders`) != 1 {
		t.Errorf("%d orders, %d refusals, stock %d", orders, refusals, stockOf(t, pool, "LAST"))
	}
	if kept := number(t, pool, `SELECT count(*) FROM cart_lines`); kept != 19 {
		t.Errorf("%d of 19 refused customers still have their cart", kept)
	}
}

func TestOneKeyLeadsToOneOrder(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 100, 10_00)
	p := review(t, s, pool, "alice", map[string]int{"AAA": 2})
	var mu sync.Mutex
	numbers := map[string]int{}
	allAtOnce(10, func(int) {
		placed, err := s.PlaceOrder(t.Context(), p)
		if err != nil || len(placed.Lines) != 1 || placed.Totals.Total != p.Total {
			t.Errorf("%+v, %v", placed, err)
		}
		mu.Lock()
		defer mu.Unlock()
		numbers[placed.Number]++
	})
	if len(numbers) != 1 || stockOf(t, pool, "AAA") != 98 {
		t.Errorf("%v, stock %d", numbers, stockOf(t, pool, "AAA"))
	}
}

func TestAnEarlierKeyLeavesTheNextCartAlone(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 100, 10_00)
	p := review(t, s, pool, "alice", map[string]int{"AAA": 2})
	first, err := s.PlaceOrder(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, cart.Owner{CustomerID: p.CustomerID}, map[string]int{"AAA": 5})
	again, err := s.PlaceOrder(t.Context(), p)
	if err != nil || again.Number != first.Number {
		t.Errorf("%s, then %s, %v", first.Number, again.Number, err)
	}
	if got := shown(t, s, cart.Owner{CustomerID: p.CustomerID}); got != "AAA×5 | " {
		t.Error(got)
	}
}

func TestAKeyOpensNothingForAnotherCustomer(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 100, 10_00)
	alice := review(t, s, pool, "alice", map[string]int{"AAA": 1})
	bob := review(t, s, pool, "bob", map[string]int{"AAA": 1})
	stolen := order.Placing{CustomerID: bob.CustomerID, Key: alice.Key, Total: bob.Total}
	if _, err := s.PlaceOrder(t.Context(), stolen); !errors.Is(err, order.ErrStaleKey) {
		t.Errorf("before the order: %v", err)
	}
	placed, err := s.PlaceOrder(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := s.PlaceOrder(t.Context(), stolen); !errors.Is(err, order.ErrNotFound) || o.Number != "" {
		t.Errorf("after the order: %+v, %v", o, err)
	}
	if o, err := s.Order(t.Context(), bob.CustomerID, placed.Number); !errors.Is(err, order.ErrNotFound) ||
		o.Number != "" {
		t.Errorf("by number: %+v, %v", o, err)
	}
	if n := number(t, pool, `SELECT count(*) FROM orders`); n != 1 {
		t.Errorf("%d orders", n)
	}
}

func TestAFailureDuringAnOrderLeavesAllOrNothing(t *testing.T) {
	t.Parallel()
	prepare := func(t *testing.T, pool *pgxpool.Pool) order.Placing {
		putProduct(t, pool, "AAA", 5, 10_00)
		putProduct(t, pool, "BBB", 5, 10_00)
		return review(t, postgres.New(pool), pool, "alice", map[string]int{"AAA": 2, "BBB": 3})
	}
	act := func(ctx context.Context, s *postgres.Store, p order.Placing) error {
		_, err := s.PlaceOrder(ctx, p)
		return err
	}
	atEveryStatement(t, prepare, act, func(t *testing.T, pool *pgxpool.Pool, p order.Placing, err error) {
		orders := number(t, pool, `SELECT count(*) FROM orders`)
		if err == nil && orders != 1 {
			t.Errorf("got no error, want one: the order was not placed")
		}
		if got, want := state(t, pool, p), map[int]string{0: "5 5 2 0 1", 1: "3 2 0 2 0"}[orders]; got != want {
			t.Errorf("%d orders: %s, want %s", orders, got, want)
		}
		if _, err := postgres.New(pool).PlaceOrder(t.Context(), p); err != nil {
			t.Errorf("pressed again: %v", err)
		}
		if got := state(t, pool, p); got != "3 2 0 2 0" || number(t, pool, `SELECT count(*) FROM orders`) != 1 {
			t.Errorf("pressed again: %s", got)
		}
	})
}

// state is the stock of both products, the lines in the cart, those ordered, and whether the
// checkout still has the key.
func state(t testing.TB, pool *pgxpool.Pool, p order.Placing) string {
	t.Helper()
	return fmt.Sprint(stockOf(t, pool, "AAA"), stockOf(t, pool, "BBB"), number(t, pool, `SELECT count(*) FROM cart_lines`),
		number(t, pool, `SELECT count(*) FROM order_lines`),
		number(t, pool, `SELECT count(*) FROM checkouts WHERE order_key = $1`, p.Key))
}

func TestOrdersOfTheSameThingsInOppositeOrderDoNotDeadlock(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 100, 10_00)
	putProduct(t, pool, "BBB", 100, 10_00)
	presses := make([]order.Placing, 20)
	for i := range presses {
		first, second := "AAA", "BBB"
		if i%2 == 1 {
			first, second = second, first
		}
		presses[i] = review(t, s, pool, fmt.Sprint("customer ", i), map[string]int{first: 1})
		fill(t, s, cart.Owner{CustomerID: presses[i].CustomerID}, map[string]int{second: 1})
		presses[i] = agreed(t, s, presses[i].CustomerID)
	}
	allAtOnce(len(presses), func(i int) {
		if _, err := s.PlaceOrder(t.Context(), presses[i]); err != nil {
			t.Error(err)
		}
	})
	if a, b := stockOf(t, pool, "AAA"), stockOf(t, pool, "BBB"); a != 80 || b != 80 {
		t.Errorf("stock %d, %d", a, b)
	}
}

func TestATakenNumberIsDrawnAgain(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 50, 10_00)
	drawn := []string{"HT-AAAA-AAAA", "HT-AAAA-AAAA", "HT-AAAA-AAAA", "HT-BBBB-BBBB"}
	s.Numbering(func() (next string) {
		next, drawn = drawn[0], drawn[1:]
		return next
	})
	for i, want := range []string{"HT-AAAA-AAAA", "HT-BBBB-BBBB"} {
		placed, err := s.PlaceOrder(t.Context(), review(t, s, pool, fmt.Sprint("customer ", i), map[string]int{"AAA": 1}))
		if err != nil || placed.Number != want {
			t.Errorf("%q, %v; want %s", placed.Number, err, want)
		}
	}
	if got := stockOf(t, pool, "AAA"); got != 48 {
		t.Errorf("stock %d", got)
	}
}
