package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// allAtOnce calls do n times in parallel and returns when all have returned.
func allAtOnce(n int, do func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			do(i)
		})
	}
	done.Wait()
}

func TestTheFirstAdditionMakesTheCart(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 5, 10_00)
	id, pieces, err := s.AddLine(t.Context(), cart.Owner{}, "AAA", 2)
	if err != nil || id == 0 || pieces != 2 {
		t.Fatalf("cart %d, %d pieces, %v", id, pieces, err)
	}
	again, pieces, err := s.AddLine(t.Context(), cart.Owner{CartID: id}, "AAA", 1)
	if err != nil || again != id || pieces != 3 {
		t.Fatalf("cart %d, %d pieces, %v", again, pieces, err)
	}
	if got := shown(t, s, cart.Owner{CartID: id}); got != "AAA×3 | " {
		t.Error(got)
	}
}

func TestARefusedFirstAdditionLeavesNoCart(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 2, 10_00)
	customer := putCustomer(t, pool, "alice")
	for _, o := range []cart.Owner{{}, {CustomerID: customer}} {
		var refused *cart.LimitError
		if id, _, err := s.AddLine(t.Context(), o, "AAA", 3); !errors.As(err, &refused) || refused.Most != 2 ||
			refused.More() != 2 || id != 0 {
			t.Errorf("%+v: cart %d, %v", o, id, err)
		}
	}
	if n := number(t, pool, `SELECT count(*) FROM carts`); n != 0 {
		t.Errorf("%d carts", n)
	}
}

func TestAFirstLineBeginsTheSessionOrNothing(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 5, 10_00)
	n := session.NewRecord{ID: session.ID{1}, Handle: "first", Data: []byte(`{"a":"b"}`), Idle: time.Hour,
		Absolute: time.Hour}
	var limit *cart.LimitError
	for _, c := range []struct {
		sku      string
		quantity int
		refused  func(error) bool
	}{
		{"AAA", 6, func(err error) bool { return errors.As(err, &limit) }},
		{"AAA", 0, func(err error) bool { return errors.Is(err, cart.ErrQuantity) }},
		{"BBB", 1, func(err error) bool { return errors.Is(err, catalog.ErrNotFound) }},
	} {
		if _, _, err := s.AddFirstLine(t.Context(), n, c.sku, c.quantity); !c.refused(err) {
			t.Errorf("%d of %s: got %v", c.quantity, c.sku, err)
		}
	}
	if rows := number(t, pool, `SELECT (SELECT count(*) FROM carts) + (SELECT count(*) FROM sessions)`); rows != 0 {
		t.Errorf("after refusals: got %d rows, want none", rows)
	}
	id, pieces, err := s.AddFirstLine(t.Context(), n, "AAA", 2)
	if err != nil || pieces != 2 {
		t.Fatalf("%d pieces, %v", pieces, err)
	}
	r, found, err := s.FindSession(t.Context(), n.ID)
	if err != nil || !found || r.Ref != id || string(r.Data) != `{"a": "b"}` {
		t.Errorf("got session %v with cart %d and %s, %v, want cart %d", found, r.Ref, r.Data, err, id)
	}
	if _, _, err := s.AddFirstLine(t.Context(), n, "AAA", 1); err == nil { // the session's id is taken
		t.Error("a second session began under one id")
	}
	if carts := number(t, pool, `SELECT count(*) FROM carts`); carts != 1 {
		t.Errorf("got %d carts, want only that of the session", carts)
	}
}

func TestAnAdditionIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 50, 10_00)
	putProduct(t, pool, "OUT", 0, 10_00)
	putProduct(t, pool, "TWO", 50, 10_00)
	exec(t, pool, `UPDATE products SET purchase_limit = 2 WHERE sku = 'TWO'`)
	o := cart.Owner{CartID: fill(t, s, cart.Owner{}, map[string]int{"AAA": 9})}
	for what, c := range map[string]struct {
		sku      string
		quantity int
		want     any
	}{
		"an eleventh piece":  {"AAA", 2, cart.LineLimit},
		"a huge number":      {"AAA", math.MaxInt, cart.LineLimit},
		"sold out":           {"OUT", 1, cart.NoneLeft},
		"its own limit":      {"TWO", 3, cart.ProductLimit},
		"none":               {"AAA", 0, cart.ErrQuantity},
		"less than none":     {"AAA", math.MinInt, cart.ErrQuantity},
		"unknown SKU":        {"NONE", 1, catalog.ErrNotFound},
		"not even a SKU":     {"a\x00\xff'", 1, catalog.ErrNotFound},
		"the largest number": {"TWO", 1 << 40, cart.ProductLimit},
	} {
		_, _, err := s.AddLine(t.Context(), o, c.sku, c.quantity)
		_, _, toLine := s.AddToLine(t.Context(), o, c.sku, c.quantity)
		for _, err := range []error{err, toLine} {
			var limit *cart.LimitError
			if reason, ok := c.want.(cart.Refusal); ok {
				if !errors.As(err, &limit) || limit.Reason() != reason {
					t.Errorf("%s: %v", what, err)
				}
			} else if !errors.Is(err, c.want.(error)) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	if got := shown(t, s, o); got != "AAA×9 | " {
		t.Error(got)
	}
}

func TestTwoHundredAdditionsAtOnceEndAtTheLimit(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 1000, 10_00)
	putProduct(t, pool, "BBB", 1000, 10_00)
	anonymous := cart.Owner{CartID: fill(t, s, cart.Owner{}, map[string]int{"BBB": 1})}
	for _, o := range []cart.Owner{anonymous, {CustomerID: putCustomer(t, pool, "alice")}} {
		var accepted atomic.Int64
		allAtOnce(200, func(i int) {
			add := s.AddLine
			if i%2 == 1 {
				add = s.AddToLine
			}
			_, _, err := add(t.Context(), o, "AAA", 1)
			var refused *cart.LimitError
			switch {
			case err == nil:
				accepted.Add(1)
			case !errors.As(err, &refused) || refused.Most != 10:
				t.Error(err)
			}
		})
		c, err := s.Cart(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if l, _ := c.Line("AAA"); l.Quantity != 10 || accepted.Load() != 10 {
			t.Errorf("%+v: %d pieces, %d accepted", o, l.Quantity, accepted.Load())
		}
	}
	if n := number(t, pool, `SELECT count(*) FROM carts`); n != 2 {
		t.Errorf("%d carts", n)
	}
}

func TestSixtyNewLinesAtOnceEndAtForty(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "FIRST", 10, 10_00)
	for i := range 60 {
		putProduct(t, pool, fmt.Sprintf("P%02d", i), 10, 10_00)
	}
	o := cart.Owner{CartID: fill(t, s, cart.Owner{}, map[string]int{"FIRST": 1})}
	var accepted atomic.Int64
	allAtOnce(60, func(i int) {
		switch _, _, err := s.AddLine(t.Context(), o, fmt.Sprintf("P%02d", i), 1); {
		case err == nil:
			accepted.Add(1)
		case !errors.Is(err, cart.ErrTooManyLines):
			t.Error(err)
		}
	})
	c, err := s.Cart(t.Context(), o)
	if err != nil || len(c.Lines) != cart.MaxLines || accepted.Load() != cart.MaxLines-1 {
		t.Errorf("%d lines, %d accepted, %v", len(c.Lines), accepted.Load(), err)
	}
}

func TestAnAdditionChangesTheCart(t *testing.T) { // the sweeper takes a cart that was not changed for a day
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 50, 10_00)
	o := cart.Owner{CartID: fill(t, s, cart.Owner{}, map[string]int{"AAA": 1})}
	exec(t, pool, `UPDATE carts SET changed = now() - interval '2 days', undo = '{"kind": "removal"}'`)
	fill(t, s, o, map[string]int{"AAA": 1})
	if n := number(t, pool, `SELECT count(*) FROM carts
		WHERE undo IS NOT NULL OR changed < now() - interval '1 minute'`); n != 0 {
		t.Error("something is left to undo, or the cart was not changed")
	}
}

func TestTheDatabaseRefusesLinesThatCannotBe(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putProduct(t, pool, "AAA", 50, 10_00)
	fill(t, s, cart.Owner{}, map[string]int{"AAA": 1})
	for _, prefix := range []string{"", "saved_"} {
		exec(t, pool, fmt.Sprintf(`UPDATE carts SET %[1]sproducts = '{1,2}', %[1]squantities = '{1,10}',
			%[1]sprices = '{100,100}', %[1]sadded = ARRAY[now(), now()]`, prefix))
		for _, wrong := range []string{"products = '{1,1}'", "products = '{1,NULL}'", "products = '{1}'", "products = NULL",
			"quantities = '{1,11}'", "quantities = '{0,1}'", "quantities = '{1,NULL}'", "quantities[3] = 1",
			"prices = '{100}'", "added = '{}'"} {
			if _, err := pool.Exec(t.Context(), `UPDATE carts SET `+prefix+wrong); err == nil {
				t.Errorf("%s%s is accepted", prefix, wrong)
			}
		}
	}
}

// What a page has shown of a cart may be over: another tab has added the product, or taken it out.
func TestAFailedAdditionLeavesAllOrNothing(t *testing.T) {
	t.Parallel()
	prepare := func(t *testing.T, pool *pgxpool.Pool) cart.Owner {
		putProduct(t, pool, "AAA", 50, 10_00)
		return cart.Owner{CustomerID: putCustomer(t, pool, "alice")}
	}
	act := func(ctx context.Context, s *postgres.Store, o cart.Owner) error {
		_, _, err := s.AddLine(ctx, o, "AAA", 2)
		return err
	}
	atEveryStatement(t, prepare, act, func(t *testing.T, pool *pgxpool.Pool, o cart.Owner, err error) {
		carts, pieces := number(t, pool, `SELECT count(*) FROM carts`),
			number(t, pool, `SELECT coalesce(sum(quantity), 0) FROM cart_lines`)
		if pieces != 2*carts || err == nil && carts != 1 {
			t.Errorf("%d carts, %d pieces, %v", carts, pieces, err)
		}
	})
}

func TestTheDatabaseKnowsTheSameCap(t *testing.T) {
	t.Parallel()
	_, pool := newStore(t)
	for stock := range 13 {
		for limit := range 11 {
			p := catalog.Product{Stock: stock, Limit: limit}
			if got := number(t, pool, `SELECT line_cap($1, nullif($2, 0))`, stock, limit); got != cart.Cap(p) {
				t.Errorf("stock %d, limit %d: %d, the shop says %d", stock, limit, got, cart.Cap(p))
			}
		}
	}
}
