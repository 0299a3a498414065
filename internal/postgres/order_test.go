package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/order"
)

func TestAnOrderStaysAsItWasBought(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 5, 10_00)
	p := review(t, s, pool, "alice", map[string]int{"AAA": 2})
	placed, err := s.PlaceOrder(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `UPDATE products SET price = 9900, name = 'Other', sku = 'OTH-1', silhouette = 'cap'`)
	exec(t, pool, `DELETE FROM products`)
	if err := s.SaveAddress(t.Context(), p.CustomerID, order.Details{Name: "Moved"}); err != nil {
		t.Fatal(err)
	}
	found, err := s.Order(t.Context(), p.CustomerID, placed.Number)
	placed.CancelLeft = found.CancelLeft
	if err != nil || fmt.Sprint(found) != fmt.Sprint(placed) {
		t.Errorf("now %+v\nwas %+v\n%v", found, placed, err)
	}
}

func TestOrdersAreListedNewestFirstAndOnlyOnes(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 50, 10_00)
	alice := review(t, s, pool, "alice", map[string]int{"AAA": 2})
	if _, err := s.PlaceOrder(t.Context(), review(t, s, pool, "bob", map[string]int{"AAA": 1})); err != nil {
		t.Fatal(err)
	}
	first, err := s.PlaceOrder(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, cart.Owner{CustomerID: alice.CustomerID}, map[string]int{"AAA": 7})
	second, err := s.PlaceOrder(t.Context(), agreed(t, s, alice.CustomerID))
	if err != nil {
		t.Fatal(err)
	}
	orders, err := s.Orders(t.Context(), alice.CustomerID)
	if err != nil || len(orders) != 2 || orders[0].Number != second.Number || orders[1].Number != first.Number {
		t.Fatalf("%+v, %v", orders, err)
	}
	if orders[0].Units != 7 || orders[0].Totals != second.Totals || orders[0].Totals.Delivery != 0 {
		t.Errorf("%+v", orders[0])
	}
}

func TestAStrangeNumberIsNotFound(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	alice := putCustomer(t, pool, "alice")
	for _, number := range []string{"", "\x00", "\xff", "1", "HT-AAAA-AAAA", "HT-AAAA-AAAA' --"} {
		if _, err := s.Order(t.Context(), alice, number); !errors.Is(err, order.ErrNotFound) {
			t.Errorf("%q: %v", number, err)
		}
	}
}
