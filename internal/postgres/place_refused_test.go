package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
)

// refusedOrders are what can come between the review and the press on the button.
var refusedOrders = map[string]struct {
	spoil func(t *testing.T, s *postgres.Store, pool *pgxpool.Pool, p *order.Placing)
	want  func(error) bool
}{
	"empty cart": {func(t *testing.T, s *postgres.Store, _ *pgxpool.Pool, p *order.Placing) {
		if err := s.SetLine(t.Context(), cart.Owner{CustomerID: p.CustomerID}, "AAA", 0); err != nil {
			t.Fatal(err)
		}
	}, is(order.ErrEmpty)},
	"only saved for later": {func(t *testing.T, s *postgres.Store, _ *pgxpool.Pool, p *order.Placing) {
		if err := s.SaveLine(t.Context(), cart.Owner{CustomerID: p.CustomerID}, "AAA"); err != nil {
			t.Fatal(err)
		}
	}, is(order.ErrEmpty)},
	"no delivery": {func(t *testing.T, s *postgres.Store, _ *pgxpool.Pool, p *order.Placing) {
		if err := s.SaveDelivery(t.Context(), p.CustomerID, ""); err != nil {
			t.Fatal(err)
		}
	}, is(order.ErrUnfinished)},
	"not a key": {func(_ *testing.T, _ *postgres.Store, _ *pgxpool.Pool, p *order.Placing) {
		p.Key = "x\x00"
	}, is(order.ErrStaleKey)},
	"unknown key": {func(_ *testing.T, _ *postgres.Store, _ *pgxpool.Pool, p *order.Placing) {
		p.Key = order.NewKey()
	}, is(order.ErrStaleKey)},
	"dearer": {func(t *testing.T, _ *postgres.Store, pool *pgxpool.Pool, _ *order.Placing) {
		exec(t, pool, `UPDATE products SET price = 1100 WHERE sku = 'AAA'`)
	}, changed(24_90, 26_90)},
	"more in the cart than shown": {func(t *testing.T, s *postgres.Store, _ *pgxpool.Pool, p *order.Placing) {
		fill(t, s, cart.Owner{CustomerID: p.CustomerID}, map[string]int{"AAA": 1})
	}, changed(24_90, 34_90)},
	"fewer left": {func(t *testing.T, _ *postgres.Store, pool *pgxpool.Pool, _ *order.Placing) {
		exec(t, pool, `UPDATE products SET stock = 1 WHERE sku = 'AAA'`)
	}, func(err error) bool {
		var soldOut *order.SoldOutError
		return errors.As(err, &soldOut) && list(soldOut.Lines) == "AAA×2" && soldOut.Lines[0].Product.Stock == 1
	}},
}

func TestAnOrderIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	for what, c := range refusedOrders {
		s, pool := newStore(t)
		putProduct(t, pool, "AAA", 5, 10_00)
		p := review(t, s, pool, "alice", map[string]int{"AAA": 2})
		c.spoil(t, s, pool, &p)
		before, left := shown(t, s, cart.Owner{CustomerID: p.CustomerID}), stockOf(t, pool, "AAA")
		if o, err := s.PlaceOrder(t.Context(), p); !c.want(err) || o.Number != "" {
			t.Errorf("%s: %+v, %v", what, o, err)
		}
		if after := shown(t, s, cart.Owner{CustomerID: p.CustomerID}); after != before || stockOf(t, pool, "AAA") != left {
			t.Errorf("%s: cart %s, was %s; stock %d, was %d", what, after, before, stockOf(t, pool, "AAA"), left)
		}
		if n := number(t, pool, `SELECT count(*) FROM orders`); n != 0 {
			t.Errorf("%s: %d orders", what, n)
		}
	}
}

func is(want error) func(error) bool {
	return func(err error) bool { return errors.Is(err, want) }
}

func changed(shown, now money.Amount) func(error) bool {
	return func(err error) bool {
		var e *order.TotalChangedError
		return errors.As(err, &e) && e.Shown == shown && e.Now == now
	}
}

func TestAPriceThatChangesUnderTheOrderAsksAgain(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 5, 10_00)
	p := review(t, s, pool, "alice", map[string]int{"AAA": 2})
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context()))
	if _, err := tx.Exec(t.Context(), `UPDATE products SET price = 1100`); err != nil {
		t.Fatal(err)
	}
	answer := make(chan error)
	go func() {
		_, err := s.PlaceOrder(t.Context(), p)
		answer <- err
	}()
	waitUntilBlocked(t, pool)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; !changed(24_90, 26_90)(err) {
		t.Error(err)
	}
}

// waitUntilBlocked returns when somebody waits for a lock in the test's database.
func waitUntilBlocked(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	for n := 0; n == 0; {
		n = number(t, pool, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type
			= 'Lock'`)
	}
}
