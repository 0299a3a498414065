package postgres_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hookandtag.example/shop/internal/order"
)

func TestTwentyPressesAtOnceReturnTheStockOnce(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 5, 10_00)
	putProduct(t, pool, "BBB", 9, 12_50)
	placed, err := s.PlaceOrder(t.Context(), review(t, s, pool, "alice", map[string]int{"AAA": 2, "BBB": 3}))
	if err != nil {
		t.Fatal(err)
	}
	customer := int64(number(t, pool, `SELECT customer_id FROM orders`))
	if a, b := stockOf(t, pool, "AAA"), stockOf(t, pool, "BBB"); a != 3 || b != 6 {
		t.Fatalf("stock after the order: got %d and %d, want 3 and 6", a, b)
	}
	var presses sync.WaitGroup
	var failed atomic.Int32
	for range 20 {
		presses.Go(func() {
			if err := s.CancelOrder(t.Context(), customer, placed.Number); err != nil {
				failed.Add(1)
				t.Errorf("cancel: got %v, want no error", err)
			}
		})
	}
	presses.Wait()
	if a, b := stockOf(t, pool, "AAA"), stockOf(t, pool, "BBB"); a != 5 || b != 9 {
		t.Errorf("stock after cancelling: got %d and %d, want 5 and 9", a, b)
	}
	o, err := s.Order(t.Context(), customer, placed.Number)
	if err != nil || o.Status != order.Cancelled || o.CancelLeft != 0 {
		t.Errorf("got %v, %v left, %v, want a cancelled order", o.Status, o.CancelLeft, err)
	}
}

func TestAnOrderIsCancelledInTimeAndByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 5, 10_00)
	placed, err := s.PlaceOrder(t.Context(), review(t, s, pool, "alice", map[string]int{"AAA": 2}))
	if err != nil {
		t.Fatal(err)
	}
	alice, bob := int64(number(t, pool, `SELECT customer_id FROM orders`)), putCustomer(t, pool, "bob")
	o, err := s.Order(t.Context(), alice, placed.Number)
	if err != nil || o.CancelLeft < 29*time.Minute || o.CancelLeft > order.CancelWithin {
		t.Errorf("got %v left, %v, want almost %v", o.CancelLeft, err, order.CancelWithin)
	}
	for _, c := range []struct {
		customer int64
		number   string
	}{{bob, placed.Number}, {alice, "HT-2222-2222"}, {alice, "nonsense"}} {
		if err := s.CancelOrder(t.Context(), c.customer, c.number); !errors.Is(err, order.ErrNotFound) {
			t.Errorf("customer %d, %s: got %v, want ErrNotFound", c.customer, c.number, err)
		}
	}
	exec(t, pool, `UPDATE orders SET placed = placed - interval '30 minutes 1 second'`)
	if err := s.CancelOrder(t.Context(), alice, placed.Number); !errors.Is(err, order.ErrTooLate) {
		t.Errorf("got %v, want ErrTooLate", err)
	}
	o, err = s.Order(t.Context(), alice, placed.Number)
	if err != nil || o.Status != order.Placed || o.CancelLeft != 0 {
		t.Errorf("got %v, %v left, %v, want a placed order with no time left", o.Status, o.CancelLeft, err)
	}
	if got := stockOf(t, pool, "AAA"); got != 3 {
		t.Errorf("stock: got %d, want 3", got)
	}
}
