package postgres_test

import (
	"testing"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// To plan the statement anew costs several times what it does itself.
func TestASessionIsFoundByOnePlanHoweverManyProductsThereAre(t *testing.T) {
	t.Parallel()
	pool, s := hangCustomers(t)
	putProduct(t, pool, "AAA", 9, 100)
	exec(t, pool, `INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, price,
		    stock)
		SELECT 'X-' || n, 'x-' || n, name, room, summary, description, silhouette, weave, tone, price, stock
		FROM products, generate_series(1, 100000) n`)
	exec(t, pool, `VACUUM ANALYZE products`)
	postgres.NewCatalog(s, nil)
	for range 40 {
		if _, _, err := s.FindSession(t.Context(), session.ID(idOf("alice"))); err != nil {
			t.Fatal(err)
		}
	}
	if n := number(t, pool, `SELECT coalesce(max(generic_plans), 0) FROM pg_prepared_statements
		WHERE ltrim(statement, E'\n') LIKE 'SELECT s.id, s.data, s.handle%'`); n == 0 {
		t.Error("got a plan for each execution, want one for all")
	}
}
