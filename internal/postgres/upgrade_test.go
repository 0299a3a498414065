package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/visitor"
	"hookandtag.example/shop/migrations"
)

func TestADatabaseOfVersion7IsUpgradedWithEveryoneSignedIn(t *testing.T) {
	t.Parallel()
	url := postgrestest.Empty(t)
	pool := openPool(t, url)
	upTo(t, pool, 7)
	exec(t, pool, `INSERT INTO customers (issuer, subject, name, proof_after) VALUES ('https://id.example', 'alice',
		'Alice', now() - interval '1 hour')`)
	exec(t, pool, `INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone,
	    price, stock)
		SELECT sku, lower(sku), sku, 'hats', '', '', 'hat', 'plain', 'felt', 100, 20
		FROM unnest(ARRAY['HAT-1', 'HAT-2', 'HAT-3']) sku`)
	exec(t, pool, `INSERT INTO carts (customer_id, merged_into, closed) VALUES (1, NULL, NULL), (NULL, NULL, NULL),
		(NULL, 1, now())`)
	exec(t, pool, `INSERT INTO cart_lines (cart_id, product_id, saved, quantity, price_added, position, added)
		VALUES (1, 1, false, 3, 100, 1, '2026-01-01'), (2, 1, false, 2, 90, 1, '2026-01-03'),
		       (2, 2, false, 1, 100, 2, '2026-01-02'), (2, 3, false, 4, 100, 3, '2026-01-01'),
		       (2, 1, true, 5, 80, 1, '2026-01-04'), (2, 3, true, 6, 100, 2, '2026-01-05')`)
	exec(t, pool, `INSERT INTO sessions (id, handle, log_id, idle, absolute_end, sweep_after, cart_id, customer_id,
	    auth_time, issued)
		VALUES (sha256('alice'), 'alice', 'log', '30 minutes', now() + interval '20 hours', now(), NULL, 1, now(), now()),
		       (sha256('nobody'), 'nobody', 'log', '30 days', now() + interval '90 days', now(), 2, NULL, NULL, NULL)`)
	if err := postgres.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s := postgres.New(pool)
	for handle, units := range map[string]int{"alice": 3, "nobody": 7} {
		r, found, err := s.FindSession(t.Context(), idOf(handle))
		row, _ := r.Along.(visitor.Along)
		if err != nil || !found || r.Ended != "" || row.Glance.Units(nil) != units || (r.Owner == 1) != (handle == "alice") {
			t.Errorf("%s: got %+v, %t, %v; want a live session and %d in the cart", handle, r, found, err, units)
		}
	}
	if _, err := s.Sweep(t.Context(), ignoreExpired); err != nil {
		t.Errorf("a sweep: %v", err)
	}
	wantUpgradedCart(t, s)
	in := signInOf("alice")
	in.Age = 2 * in.Idle
	if _, err := s.SignIn(t.Context(), in); err == nil {
		t.Error("a revocation from before the upgrade is forgotten")
	}
	in.Age = 0
	if _, err := s.SignIn(t.Context(), in); err != nil {
		t.Errorf("a sign-in after the upgrade: %v", err)
	}
	if _, err := s.EndSession(t.Context(), idOf("alice")); err != nil {
		t.Error(err)
	}
}

// wantUpgradedCart wants the anonymous cart as it was before the upgrade.
func wantUpgradedCart(t *testing.T, s *postgres.Store) {
	t.Helper()
	c, err := s.Cart(t.Context(), cart.Owner{CartID: 2})
	if got := list(c.Lines) + " | " + list(c.Saved); err != nil || got != "HAT-3×4 HAT-2×1 HAT-1×2 | HAT-3×6 HAT-1×5" {
		t.Fatalf("the cart: got %s, %v", got, err)
	}
	if l, want := c.Lines[2], time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC); l.PriceAdded != 90 || !l.Added.Equal(want) {
		t.Errorf("HAT-1: got the price %s of %s, want 90 of %s", l.PriceAdded, l.Added, want)
	}
	if saved := c.Saved[1]; saved.PriceAdded != 80 || saved.Added.Day() != 4 {
		t.Errorf("HAT-1, saved: got the price %s of %s, want 80 of the 4th", saved.PriceAdded, saved.Added)
	}
}

// upTo migrates an empty database to an older version.
func upTo(t *testing.T, pool *pgxpool.Pool, version int64) {
	t.Helper()
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}
