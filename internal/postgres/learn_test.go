package postgres_test

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
)

// ASVS 13.2.2: moving a session's limits is the tutorial's right alone; a shop without it loses the
// right again.
func TestOnlyAShopWithTheTutorialMayAgeASession(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	owner := openPool(t, url)
	role := putRole(t, owner, "shop_")
	id := session.ID(sha256.Sum256([]byte("a token")))
	for _, c := range []struct {
		grant   func() error
		allowed bool
	}{
		{func() error { return postgres.Grant(t.Context(), url, role) }, false},
		{func() error { return postgres.GrantWithLessons(t.Context(), url, role) }, true},
		{func() error { return postgres.Grant(t.Context(), url, role) }, false},
	} {
		if err := c.grant(); err != nil {
			t.Fatal(err)
		}
		_, err := postgres.New(openPool(t, as(url, role))).AgeSession(t.Context(), id, time.Hour, false)
		var refused *pgconn.PgError
		if denied := errors.As(err, &refused) && refused.Code == "42501"; denied == c.allowed || c.allowed && err != nil {
			t.Errorf("aging is allowed: %t, and it says %v", c.allowed, err)
		}
	}
}
