package postgres_test

import (
	"context"
	"testing"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestAddingIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	pool := openPool(t, url)
	for _, sku := range []string{"AAA", "BBB", "CCC"} {
		putProduct(t, pool, sku, 50, 10_00)
	}
	b := newBreaker(t, url)
	s := b.store()
	o := cart.Owner{CartID: fill(t, s, cart.Owner{}, map[string]int{"AAA": 1})}
	customer := cart.Owner{CustomerID: putCustomer(t, pool, "alice")}
	fill(t, s, customer, map[string]int{"AAA": 1})
	for _, o := range []cart.Owner{o, customer, {}} {
		for _, add := range []struct {
			what, sku string
			do        func(context.Context, cart.Owner, string, int) (int64, int, error)
			trips     int // 0: any, so that the statements are prepared
		}{
			{"a line", "BBB", s.AddLine, 0}, {"another line", "CCC", s.AddLine, 1},
			{"more of a line", "BBB", s.AddToLine, 0}, {"more of another", "CCC", s.AddToLine, 1},
		} {
			b.arm(0, false)
			if _, _, err := add.do(t.Context(), o, add.sku, 1); err != nil {
				t.Errorf("%+v: %s: %v", o, add.what, err)
			}
			if n := b.roundTrips(); add.trips != 0 && n != add.trips {
				t.Errorf("%+v: %s: got %d round trips, want %d", o, add.what, n, add.trips)
			}
		}
	}
}

func TestAnAdditionNeedNotKnowWhatTheCartHolds(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	o := filled(t, s, pool) // CCC×3 BBB×2 AAA×1
	putProduct(t, pool, "DDD", 20, 10_00)
	customer := cart.Owner{CustomerID: putCustomer(t, pool, "alice")}
	for what, add := range map[string]struct {
		owner  cart.Owner
		sku    string
		do     func(context.Context, cart.Owner, string, int) (int64, int, error)
		pieces int
	}{
		"a line that is there":               {o, "BBB", s.AddLine, 4},
		"more of a line that is gone":        {o, "DDD", s.AddToLine, 2},
		"more of a line of a cart not begun": {customer, "AAA", s.AddToLine, 2},
	} {
		if id, pieces, err := add.do(t.Context(), add.owner, add.sku, 2); err != nil || pieces != add.pieces || id == 0 {
			t.Errorf("%s: got %d pieces in cart %d, %v; want %d", what, pieces, id, err, add.pieces)
		}
	}
	if got := shown(t, s, o); got != "DDD×2 CCC×3 BBB×4 AAA×1 | " {
		t.Errorf("the cart: got %s", got)
	}
}

func TestReadingACartIsOneStatement(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	pool := openPool(t, url)
	putProduct(t, pool, "AAA", 50, 10_00)
	putProduct(t, pool, "BBB", 50, 10_00)
	b := newBreaker(t, url)
	o := cart.Owner{CartID: fill(t, b.store(), cart.Owner{}, map[string]int{"AAA": 1, "BBB": 1})}
	for o, want := range map[cart.Owner]int{o: 1, {}: 0} {
		b.arm(0, false)
		if _, err := b.store().Cart(t.Context(), o); err != nil || b.count() != want {
			t.Errorf("%+v: %d statements, want %d, %v", o, b.count(), want, err)
		}
	}
}
