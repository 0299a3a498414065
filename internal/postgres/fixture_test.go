package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// newStore is a store on a database without rows.
func newStore(t testing.TB) (*postgres.Store, *pgxpool.Pool) {
	t.Helper()
	pool := postgrestest.New(t)
	return postgres.New(pool), pool
}

// exec runs a statement that must not fail.
func exec(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// number is the one number a query gives.
func number(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// putProduct puts a product on sale and returns its id.
func putProduct(t testing.TB, pool *pgxpool.Pool, sku string, stock int, price money.Amount) (id int64) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `
		INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, stock, price)
		VALUES ($1, $2, $1, 'hats', '', '', 'hat', 'plain', 'felt', $3, $4) RETURNING id`, sku, strings.ToLower(sku),
		stock, price).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// putCustomer makes a customer and returns the id.
func putCustomer(t testing.TB, pool *pgxpool.Pool, name string) (id int64) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `INSERT INTO customers (issuer, subject, name) VALUES ('https://idp.test', $1,
		$1) RETURNING id`, name).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// fill puts pieces into a cart and returns which cart it is.
func fill(t testing.TB, s *postgres.Store, o cart.Owner, pieces map[string]int) int64 {
	t.Helper()
	for sku, n := range pieces {
		id, _, err := s.AddLine(t.Context(), o, sku, n)
		if err != nil {
			t.Fatalf("add %d %s: %v", n, sku, err)
		}
		if o.CustomerID == 0 {
			o.CartID = id
		}
	}
	return o.CartID
}

// shown is the owner's cart as "AAA×2 BBB×1 | CCC×1", lines and what is saved for later.
func shown(t testing.TB, s *postgres.Store, o cart.Owner) string {
	t.Helper()
	c, err := s.Cart(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return list(c.Lines) + " | " + list(c.Saved)
}

func list(lines []cart.Line) string {
	var texts []string
	for _, l := range lines {
		texts = append(texts, fmt.Sprintf("%s×%d", l.Product.SKU, l.Quantity))
	}
	return strings.Join(texts, " ")
}
