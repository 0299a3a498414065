package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
)

// asRole is a seeded shop's database, seen by a role with the grants of the running shop.
func asRole(t *testing.T) *pgxpool.Pool {
	t.Helper()
	url := postgrestest.URL(t)
	owner := openPool(t, url)
	if _, err := postgres.New(owner).Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	var role string
	if err := owner.QueryRow(t.Context(), `SELECT 'shop_' || current_database()`).Scan(&role); err != nil {
		t.Fatal(err)
	}
	name := pgx.Identifier{role}.Sanitize()
	exec(t, owner, `CREATE ROLE `+name)
	t.Cleanup(func() {
		for _, sql := range []string{`DROP OWNED BY ` + name, `DROP ROLE ` + name} {
			if _, err := owner.Exec(context.WithoutCancel(t.Context()), sql); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		if err := postgres.Grant(t.Context(), url, role); err != nil {
			t.Fatal(err)
		}
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.RuntimeParams["role"] = role
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func TestRunningShopNeedsNoRightToChangeTheSchema(t *testing.T) { // ASVS 13.2.2
	t.Parallel()
	pool := asRole(t)
	store := postgres.New(pool)
	guest, _, err := store.AddLine(t.Context(), cart.Owner{}, "HAT-BOWLER", 1)
	steps := []func() error{
		func() error { return err },
		func() error {
			return store.InsertSession(t.Context(), session.NewRecord{ID: anonymousID, Handle: "old", Data: []byte(`{}`), Idle: time.Hour, Absolute: time.Hour, CartID: guest})
		},
		func() error { _, err := store.UseAttempt(t.Context(), [32]byte{1}, time.Minute); return err },
		func() error { _, err := store.SignIn(t.Context(), proofOf()); return err },
		func() error { _, _, err := store.FindSession(t.Context(), signedInID); return err },
		func() error {
			return store.SaveAddress(t.Context(), 1, order.Draft{Name: "Ann", Street: "Street 1", Postcode: "10115", City: "Berlin", Country: "DE"})
		},
		func() error { return store.SaveDelivery(t.Context(), 1, order.Collect) },
		func() error { return placeWhatIsThere(t.Context(), store) },
		func() error {
			_, err := store.EndByProvider(t.Context(), session.Logout{Issuer: proofOf().Identity.Issuer, SID: "sid", TokenID: "jti", IssuedAt: time.Now(), Keep: time.Minute})
			return err
		},
		func() error { _, err := store.Sweep(t.Context()); return err },
		func() error { _, err := postgres.Migrated(t.Context(), pool); return err },
		func() error { _, err := store.DisableCustomer(t.Context(), 1); return err },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i+1, err)
		}
	}
}

// placeWhatIsThere orders the cart of customer 1.
func placeWhatIsThere(ctx context.Context, store *postgres.Store) error {
	c, err := store.Checkout(ctx, 1)
	if err != nil {
		return err
	}
	full, err := store.Cart(ctx, cart.Owner{CustomerID: 1})
	if err != nil {
		return err
	}
	_, err = store.PlaceOrder(ctx, order.Placing{CustomerID: 1, Key: c.Key, Total: order.TotalsOf(full, order.Collect).Total})
	return err
}

func TestRunningShopMayNotTouchTheSchemaOrThePrices(t *testing.T) {
	t.Parallel()
	pool := asRole(t)
	for _, sql := range []string{
		`DROP TABLE sessions`, `ALTER TABLE sessions ADD x int`, `CREATE TABLE x ()`, `TRUNCATE sessions`, `DELETE FROM customers`, `DELETE FROM orders`,
		`UPDATE products SET price = 1`, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v, want permission denied", sql, err)
		}
	}
}
