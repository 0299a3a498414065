package postgres_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestEveryLineOfACartHasAnElementInEveryArray(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	exec(t, pool, `INSERT INTO carts (products, quantities, prices, added, saved_products, saved_quantities, saved_prices,
		saved_added) VALUES ('{1,2}', '{1,1}', '{1,1}', '{now,now}', '{3}', '{1}', '{1}', '{now}')`)
	for _, column := range []string{"products", "quantities", "prices", "added", "saved_products", "saved_quantities",
		"saved_prices", "saved_added"} {
		_, err := pool.Exec(t.Context(), `UPDATE carts SET `+column+` = '{}'`)
		if refused, ok := errors.AsType[*pgconn.PgError](err); !ok || refused.ConstraintName != "carts_lines_check" {
			t.Errorf("a row without its %s: got %v, want carts_lines_check", column, err)
		}
	}
}
