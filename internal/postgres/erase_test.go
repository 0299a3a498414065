package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

func TestAnErasedCustomerIsNowhereButInTheirOrders(t *testing.T) { // ASVS 14.2.7
	t.Parallel()
	s, pool := newStore(t)
	if _, err := s.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	j := &journey{Store: s, ctx: t.Context(), who: "ann"}
	j.look()
	j.fill()
	j.signIn()
	j.buy()
	if j.err != nil {
		t.Fatal(j.err)
	}
	exec(t, pool, `UPDATE customers SET email = 'ann@example.test'`)
	exec(t, pool, `INSERT INTO carts (customer_id) SELECT id FROM customers ON CONFLICT DO NOTHING`)
	exec(t, pool, `INSERT INTO logout_marks (issuer, subject, issued, expires) SELECT issuer, subject, now(), now() FROM
		customers`)
	exec(t, pool, `UPDATE sessions SET user_agent = 'the browser of ann' WHERE handle <> 'annstranger'`)
	before := postgrestest.AllRows(t, pool)
	ended, err := s.EraseCustomer(t.Context(), j.owner.CustomerID)
	if err != nil || ended != 1 {
		t.Fatalf("%d sessions ended, %v; want the one", ended, err)
	}
	after := postgrestest.AllRows(t, pool)
	for table, rows := range after {
		for _, row := range rows {
			low := strings.ToLower(row)
			if table != "orders" && (strings.Contains(low, `"ann"`) || strings.Contains(low, "ann@") ||
				strings.Contains(low, "of ann") || strings.Contains(low, "street 1")) {
				t.Errorf("%s still has %s", table, row)
			}
		}
	}
	for _, table := range []string{"orders", "order_lines", "products"} {
		if len(before[table]) == 0 || strings.Join(before[table], "\n") != strings.Join(after[table], "\n") {
			t.Errorf("%s changed: had %v, has %v", table, before[table], after[table])
		}
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions WHERE ended_reason = 'revoked'`); n != 1 {
		t.Errorf("%d sessions say why they ended, want 1", n)
	}
	if err := s.SaveAddress(t.Context(), j.owner.CustomerID, order.Details{Name: "Ann"}); err != nil {
		t.Fatal(err) // of a request that was on its way
	}
	if n := number(t, pool, `SELECT count(*) FROM checkouts`); n != 0 {
		t.Errorf("checkouts: got %d after the erasure, want none", n)
	}
	if ended, err := s.EraseCustomer(t.Context(), j.owner.CustomerID); err != nil || ended != 0 {
		t.Errorf("again: %d sessions ended, %v; want nothing to do", ended, err)
	}
	if _, err := s.EraseCustomer(t.Context(), 99); !errors.Is(err, postgres.ErrNoCustomer) {
		t.Errorf("somebody unknown: got %v, want %v", err, postgres.ErrNoCustomer)
	}
}

func TestSomebodyErasedWhoSignsInAgainIsANewCustomer(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	j := &journey{Store: s, ctx: t.Context(), who: "ann"}
	j.signIn()
	first := j.owner.CustomerID
	if _, err := s.EraseCustomer(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	again := session.SignInRecord{NewRecord: session.NewRecord{ID: j.id("again"), Handle: "again", Data: []byte(`{}`),
		Idle: time.Hour, Absolute: time.Hour}, Issuer: "https://id.example", Subject: "ann",
		Work:     visitor.Work{Identity: customer.Identity{Issuer: "https://id.example", Subject: "ann", Name: "ann"}},
		IssuedAt: time.Now(), NoticeKey: "n", PerOwner: 10}
	done, err := s.SignIn(t.Context(), again)
	if j.err != nil || err != nil || done.Owner == first || done.Owner == 0 {
		t.Errorf("customer %d after %d, %v, %v; want a new one", done.Owner, first, j.err, err)
	}
}

func TestAnErasedCustomersRowIsClosedOnceForAll(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	id := putCustomer(t, pool, "ann")
	exec(t, pool, `UPDATE customers SET email_verified = true`)
	if _, err := s.EraseCustomer(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if n := number(t, pool, `SELECT count(*) FROM customers WHERE disabled <= now() AND auth_not_before = disabled AND
			NOT email_verified`); n != 1 {
		t.Errorf("got %d rows that let nobody in, want 1", n)
	}
	if err := s.EnableCustomer(t.Context(), id); !errors.Is(err, postgres.ErrNoCustomer) {
		t.Errorf("enabled: got %v, want %v", err, postgres.ErrNoCustomer)
	}
	first := postgrestest.AllRows(t, pool)["customers"]
	if _, err := s.EraseCustomer(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got := postgrestest.AllRows(t, pool)["customers"]; !slices.Equal(got, first) {
		t.Errorf("erased again: got %v, want %v", got, first)
	}
}

// Whatever a customer does at the moment they are erased is done before or refused: nothing of them
// comes back, and no order is half placed.
func TestACustomerIsErasedWhileTheyOrderAndSignIn(t *testing.T) { // ASVS 14.2.7, 15.4.2
	t.Parallel()
	s, pool := newStore(t)
	if _, err := s.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `UPDATE products SET stock = 1000`)
	refused := []error{order.ErrSignedOut, order.ErrEmpty, order.ErrStaleKey, order.ErrUnfinished}
	ordered, late := 0, 0
	for round := range 20 {
		j := &journey{Store: s, ctx: t.Context(), who: fmt.Sprint("ann", round)}
		if j.fill(); j.err == nil {
			j.signIn()
		}
		if j.err != nil {
			t.Fatal(j.err)
		}
		erased := j.owner.CustomerID
		var wait sync.WaitGroup
		var ended error
		wait.Go(func() {
			time.Sleep(time.Duration(round%10) * time.Millisecond)
			_, ended = s.EraseCustomer(t.Context(), erased)
		})
		wait.Go(j.buy)
		again := signInOf(j.who)
		again.NewRecord, again.Issuer, again.Work = j.record("again"), "https://id.example",
			visitor.Work{Identity: customer.Identity{Issuer: "https://id.example", Subject: j.who, Name: j.who}}
		again.Ref = 0
		var in session.SignedIn
		var failed error
		wait.Go(func() { in, failed = s.SignIn(t.Context(), again) })
		wait.Wait()
		if ended != nil || failed != nil {
			t.Fatalf("round %d: erase: %v, sign in: %v", round, ended, failed)
		}
		if j.order != "" {
			ordered++
		}
		if in.Owner != erased {
			late++
		}
		if j.err != nil && !slices.ContainsFunc(refused, func(want error) bool { return errors.Is(j.err, want) }) {
			t.Errorf("round %d: got %v, want an order or one of %v", round, j.err, refused)
		}
		if n := number(t, pool, fmt.Sprintf(`SELECT (SELECT count(*) FROM sessions s WHERE live(s) AND customer_id = %[1]d) +
			(SELECT count(*) FROM checkouts WHERE customer_id = %[1]d) + (SELECT count(*) FROM carts WHERE customer_id = %[1]d) +
			(SELECT count(*) FROM customers WHERE id = %[1]d AND (issuer <> 'erased' OR name <> '' OR disabled IS NULL))`,
			erased)); n != 0 {
			t.Errorf("round %d: %d rows of the erased customer are left", round, n)
		}
	}
	if n := number(t, pool, `SELECT count(*) FROM orders o WHERE total <> delivery_price +
		(SELECT coalesce(sum(quantity * price), 0) FROM order_lines WHERE order_id = o.id)`); n != 0 {
		t.Errorf("%d orders are not whole", n)
	}
	t.Logf("ordered before the end in %d rounds, signed in after it in %d", ordered, late)
}
