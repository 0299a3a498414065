package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// forgottenCarts are so many carts that no session holds, an attempt past its time, and what
// happens when carts are deleted.
func forgottenCarts(t *testing.T, url string, n int, deleting string) *pgxpool.Pool {
	t.Helper()
	pool := openPool(t, url)
	exec(t, pool, `INSERT INTO carts (changed, sweep_after) SELECT now() - interval '2 days', now() FROM
		generate_series(1, $1)`, n)
	exec(t, pool, `INSERT INTO used_attempts (state_hash, expires) VALUES (sha256('1'), now() - interval '1 day')`)
	exec(t, pool, `CREATE FUNCTION deleting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN `+deleting+
		` RETURN NULL; END $$`)
	exec(t, pool, `CREATE TRIGGER deleting AFTER DELETE ON carts REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
		EXECUTE FUNCTION deleting()`)
	return pool
}

func TestAStepThatFailsDoesNotStopTheSweep(t *testing.T) { // ASVS 14.2.7, 16.5.2
	t.Parallel()
	pool := forgottenCarts(t, postgrestest.URL(t), 1, `RAISE EXCEPTION 'not today';`)
	w, err := postgres.New(pool).Sweep(t.Context(), ignoreExpired)
	if err == nil || !strings.Contains(err.Error(), "not today") || w != (postgres.Swept{Spent: 1}) {
		t.Errorf("swept %+v, %v; want the attempt, and to hear of the carts", w, err)
	}
}

func TestASweepTakesLessAtATimeWhenItTakesTooLong(t *testing.T) { // ASVS 14.2.7
	t.Parallel()
	url := postgrestest.URL(t)
	forgottenCarts(t, url, 300, `IF (SELECT count(*) FROM gone) > 150 THEN PERFORM pg_sleep(60); END IF;`)
	store, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	postgres.SetChoreTimeout(store, 200*time.Millisecond)
	if w, err := store.Sweep(t.Context(), ignoreExpired); err != nil || w != (postgres.Swept{Carts: 300, Spent: 1}) {
		t.Errorf("swept %+v, %v; want all 300 carts and the attempt", w, err)
	}
}

func TestASweepGivesUpOnWhatIsSlowHoweverLittleItTakes(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	forgottenCarts(t, url, 1, `PERFORM pg_sleep(60);`)
	store, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	postgres.SetChoreTimeout(store, 200*time.Millisecond)
	if w, err := store.Sweep(t.Context(), ignoreExpired); !postgres.Outage(err) || w != (postgres.Swept{Spent: 1}) {
		t.Errorf("swept %+v, %v; want the attempt, and to hear that the carts took too long", w, err)
	}
}

// One that hangs is an error then, and a smaller batch follows one that is too slow.
func TestAStatementOfASweepEndsLongBeforeTheSweep(t *testing.T) {
	t.Parallel()
	pool := forgottenCarts(t, postgrestest.URL(t), 1, `RAISE EXCEPTION 'limit %', current_setting('statement_timeout');`)
	_, err := postgres.New(pool).Sweep(t.Context(), ignoreExpired)
	if err == nil || !strings.Contains(err.Error(), "limit 5s") {
		t.Errorf("got %v, want a limit of 5s", err)
	}
}

func TestADeadlineEndsASweepWithoutAnError(t *testing.T) {
	t.Parallel()
	pool := forgottenCarts(t, postgrestest.URL(t), 1, `PERFORM pg_sleep(60);`)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if w, err := postgres.New(pool).Sweep(ctx, ignoreExpired); err != nil || w != (postgres.Swept{}) {
		t.Errorf("swept %+v, %v; want nothing, and no error", w, err)
	}
}
