package postgres_test

import (
	"strings"
	"sync"
	"testing"

	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
)

func TestACheckoutKeepsItsKeyAndWhatWasTyped(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	alice := putCustomer(t, pool, "alice")
	typed := order.Details{Name: " Alice ", Street: "Rail 7", Postcode: "1011", City: "Berlin", Country: "de",
		Delivery: order.Post}
	if err := s.SaveAddress(t.Context(), alice, typed); err != nil {
		t.Fatal(err)
	}
	begun, err := s.Checkout(t.Context(), alice)
	if err != nil || !order.ValidKey(begun.Key) {
		t.Fatalf("%+v, %v", begun, err)
	}
	if err := s.SaveDelivery(t.Context(), alice, order.Collect); err != nil {
		t.Fatal(err)
	}
	kept, err := s.Checkout(t.Context(), alice)
	want := order.Details{Name: "Alice", Street: "Rail 7", Postcode: "1011", City: "Berlin", Country: "DE",
		Delivery: order.Collect}
	if err != nil || kept.Key != begun.Key || kept.Details != want {
		t.Errorf("%+v, %v", kept, err)
	}
}

func TestACheckoutCanBeginWithEitherStep(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	alice, bob := putCustomer(t, pool, "alice"), putCustomer(t, pool, "bob")
	if err := s.SaveAddress(t.Context(), alice, order.Details{Name: "Alice", Delivery: order.Post}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveDelivery(t.Context(), bob, order.Post); err != nil {
		t.Fatal(err)
	}
	a, err := s.Checkout(t.Context(), alice)
	if err != nil || a.Details != (order.Details{Name: "Alice"}) || !order.ValidKey(a.Key) {
		t.Errorf("%+v, %v", a, err)
	}
	b, err := s.Checkout(t.Context(), bob)
	if err != nil || b.Details != (order.Details{Delivery: order.Post}) || b.Key == a.Key {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestAnythingTypedCanBeKept(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	alice := putCustomer(t, pool, "alice")
	for _, text := range []string{"\x00", "\xff", strings.Repeat("ä", 100_000), "'; DROP TABLE checkouts; --", "a\r\nb"} {
		if err := s.SaveAddress(t.Context(), alice,
			order.Details{Name: text, Street: text, Postcode: text, City: text, Country: text}); err != nil {
			t.Errorf("%.20q: %v", text, err)
		}
		if err := s.SaveDelivery(t.Context(), alice, order.Delivery(text)); err != nil {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if c, err := s.Checkout(t.Context(), alice); err != nil || c.Details.Name != "a b" || c.Details.Delivery != "" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestACheckoutIsForgottenAfterThirtyDays(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	alice := putCustomer(t, pool, "alice")
	if err := s.SaveAddress(t.Context(), alice, order.Details{Name: "Alice"}); err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `UPDATE checkouts SET changed = now() - interval '30 days' + interval '1 minute'`)
	young, err := s.Checkout(t.Context(), alice)
	if err != nil || young.Details.Name != "Alice" {
		t.Fatalf("a minute before: %+v, %v", young, err)
	}
	exec(t, pool, `UPDATE checkouts SET changed = now() - interval '30 days'`)
	if old, err := s.Checkout(t.Context(), alice); err != nil || old != (order.Checkout{}) {
		t.Errorf("after: %+v, %v", old, err)
	}
	if err := s.SaveDelivery(t.Context(), alice, order.Post); err != nil {
		t.Fatal(err)
	}
	if begun, err := s.Checkout(t.Context(), alice); err != nil || begun.Key == young.Key ||
		begun.Details != (order.Details{Delivery: order.Post}) {
		t.Errorf("begun anew: %+v, %v", begun, err)
	}
}

func TestLookingAtACheckoutBeginsNone(t *testing.T) { // ASVS 3.5.3
	t.Parallel()
	s, pool := newStore(t)
	alice := putCustomer(t, pool, "alice")
	if c, err := s.Checkout(t.Context(), alice); err != nil || c != (order.Checkout{}) ||
		number(t, pool, `SELECT count(*) FROM checkouts`) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestCheckoutsBegunAtOnceAreOne(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	alice := putCustomer(t, pool, "alice")
	var mu sync.Mutex
	keys := map[string]bool{}
	allAtOnce(8, func(int) {
		if err := s.SaveDelivery(t.Context(), alice, order.Post); err != nil {
			t.Error(err)
		}
		c, err := s.Checkout(t.Context(), alice)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		keys[c.Key] = true
	})
	if len(keys) != 1 {
		t.Errorf("%d keys", len(keys))
	}
}

func TestAStepOfTheCheckoutWaitsForADisabling(t *testing.T) { // ASVS 7.4.2
	t.Parallel()
	for name, save := range map[string]func(*postgres.Store) error{
		"address": func(s *postgres.Store) error {
			return s.SaveAddress(t.Context(), 1, order.Details{Name: "Alice"})
		},
		"delivery": func(s *postgres.Store) error { return s.SaveDelivery(t.Context(), 1, order.Post) },
	} {
		s, pool := newStore(t)
		putCustomer(t, pool, "alice")
		err := whileUncommitted(t, pool, `UPDATE customers SET disabled = now()`, func() error { return save(s) })
		if n := number(t, pool, `SELECT count(*) FROM checkouts`); err != nil || n != 0 {
			t.Errorf("%s: %d checkouts of a disabled customer, %v", name, n, err)
		}
	}
}

func TestAStepOfTheCheckoutLocksTheCustomerFirst(t *testing.T) { // or it and an erasing wait for each other
	t.Parallel()
	s, pool := newStore(t)
	alice := putCustomer(t, pool, "alice")
	if err := s.SaveDelivery(t.Context(), alice, order.Post); err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `UPDATE checkouts SET changed = now() - interval '31 days'`)
	err := whileUncommitted(t, pool, `SELECT FROM customers FOR UPDATE`, func() error {
		return s.SaveDelivery(t.Context(), alice, order.Collect)
	}, `SELECT FROM checkouts FOR UPDATE NOWAIT`)
	if err != nil {
		t.Error(err)
	}
}
