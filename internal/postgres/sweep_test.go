package postgres_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
)

// hang puts n sessions of one kind on the rail; age is an SQL interval since their last use.
func hang(t *testing.T, pool *pgxpool.Pool, n int, age, cart string) {
	t.Helper()
	_, err := pool.Exec(t.Context(), fmt.Sprintf(`
		INSERT INTO sessions (id, handle, log_id, data, created, last_used, idle, absolute_end, sweep_after, cart_id)
		SELECT sha256(convert_to(h, 'UTF8')), h, '', '{"a": "b"}', t, t, interval '30 minutes',
		    t + interval '24 hours', t + interval '30 minutes', %s
		FROM (SELECT gen_random_uuid()::text AS h, now() - interval '%s' AS t FROM generate_series(1, %d)) x`, cart, age, n))
	if err != nil {
		t.Fatal(err)
	}
}

func ignoreExpired(string, session.Reason) {}

func TestSweepMakesTombstonesAndTakesOldOnesAway(t *testing.T) { // ASVS 14.2.7
	t.Parallel()
	pool := postgrestest.New(t)
	store := postgres.New(pool)
	hang(t, pool, 3, "1 minute", "NULL")
	hang(t, pool, 1500, "1 hour", "NULL")
	hang(t, pool, 2, "25 hours", "NULL")

	w, err := store.Sweep(t.Context(), ignoreExpired)
	if err != nil || w.Expired != 1502 || w.Sessions != 2 {
		t.Fatalf("swept %+v, %v; want 1502 tombstones made and the 2 oldest taken away", w, err)
	}
	if live, emptied := rows(t, pool, `SELECT count(*) FROM sessions s WHERE live(s)`),
		rows(t, pool, `SELECT count(*) FROM sessions WHERE ended_reason = 'idle' AND data = '{}'`); live != 3 ||
		emptied != 1500 {
		t.Errorf("%d live, %d emptied; want 3 and 1500", live, emptied)
	}
	if w, err = store.Sweep(t.Context(), ignoreExpired); err != nil || w != (postgres.Swept{}) {
		t.Errorf("a second sweep: %+v, %v; want nothing to do", w, err)
	}
}

func TestSweepLeavesAnAnonymousCartToItsSession(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	if _, err := pool.Exec(t.Context(), `INSERT INTO carts (created, changed, sweep_after) SELECT now() - interval
		'40 days', now() - interval '40 days', now() FROM generate_series(1, 3)`); err != nil {
		t.Fatal(err)
	}
	hang(t, pool, 1, "1 minute", "1") // live
	hang(t, pool, 1, "40 days", "2")  // ended long ago
	w, err := postgres.New(pool).Sweep(t.Context(), ignoreExpired)
	if err != nil || w.Carts != 2 {
		t.Errorf("swept %+v, %v; want the two carts nobody can reach", w, err)
	}
	if n := rows(t, pool, `SELECT id FROM carts`); n != 1 {
		t.Errorf("cart %d is left, want 1", n)
	}
}

func TestAnonymousSessionPastItsAbsoluteLimitKeepsItsCartUntilIdle(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	if _, err := pool.Exec(t.Context(), `INSERT INTO carts (changed, sweep_after) VALUES (now() - interval '10 days',
		now())`); err != nil {
		t.Fatal(err)
	}
	hang(t, pool, 1, "10 days", "1")
	if _, err := pool.Exec(t.Context(), `UPDATE sessions SET idle = interval '30 days', absolute_end = now() - interval
		'1 day'`); err != nil {
		t.Fatal(err)
	}
	if w, err := postgres.New(pool).Sweep(t.Context(), ignoreExpired); err != nil || w != (postgres.Swept{}) {
		t.Errorf("swept %+v, %v; want nothing: the visitor may come back for the cart", w, err)
	}
}

func TestTwoWorkersSweepOnce(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	store := postgres.New(pool)
	hang(t, pool, 2500, "25 hours", "NULL")
	var wait sync.WaitGroup
	var swept [2]postgres.Swept
	for i := range swept {
		wait.Go(func() {
			var err error
			if swept[i], err = store.Sweep(t.Context(), ignoreExpired); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if w, err := store.Sweep(t.Context(), ignoreExpired); err != nil { // what a worker left because the other was at it
		t.Fatal(err)
	} else if total := swept[0].Sessions + swept[1].Sessions + w.Sessions; total != 2500 {
		t.Errorf("%+v and %+v took %d rows, want each of 2500 once", swept[0], swept[1], total)
	}
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_lock($1)`, 0x68616e67); err != nil {
		t.Fatal(err)
	}
	if w, err := store.Sweep(t.Context(), ignoreExpired); err != nil || !w.Busy {
		t.Errorf("while another works: %+v, %v; want Busy", w, err)
	}
}

func rows(t *testing.T, pool *pgxpool.Pool, sql string) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNoTimeOfASessionIsInfinite(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	hang(t, pool, 1, "1 minute", "NULL")
	for _, column := range []string{"created", "last_used", "absolute_end", "auth_time"} {
		if _, err := pool.Exec(t.Context(), fmt.Sprintf(`UPDATE sessions SET %s = 'infinity'`, column)); err == nil {
			t.Errorf("%s may be infinite: no page could say what is left", column)
		}
	}
}

func TestSweepTellsWhichSessionsEndedAndWhy(t *testing.T) { // CS-22, ASVS 16.3.1
	t.Parallel()
	pool := postgrestest.New(t)
	hang(t, pool, 2, "1 hour", "NULL")
	hang(t, pool, 1, "1 minute", "NULL")
	exec(t, pool, `UPDATE sessions SET log_id = handle`)
	expired := map[string]session.Reason{}
	if _, err := postgres.New(pool).Sweep(t.Context(),
		func(logID string, why session.Reason) { expired[logID] = why }); err != nil {
		t.Fatal(err)
	}
	if len(expired) != 2 || slices.ContainsFunc(slices.Collect(maps.Values(expired)),
		func(why session.Reason) bool { return why != session.Idle }) {
		t.Errorf("got %v, want the two that idled out", expired)
	}
}

func TestASweepLooksAtNothingTwice(t *testing.T) { // what is still needed does not grow with the table
	t.Parallel()
	pool := postgrestest.New(t)
	exec(t, pool, `INSERT INTO carts (changed, sweep_after) SELECT now() - interval '2 days', now() FROM
		generate_series(1, 50)`)
	exec(t, pool, `INSERT INTO carts (sweep_after) SELECT now() FROM generate_series(1, 50)`) // changed a moment ago
	hang(t, pool, 1, "1 minute", "1")                                                         // holds the first cart
	hang(t, pool, 50, "29 minutes", "NULL")
	exec(t, pool, `UPDATE sessions SET sweep_after = now() - interval '1 minute'`)
	if w, err := postgres.New(pool).Sweep(t.Context(), ignoreExpired); err != nil || w != (postgres.Swept{Carts: 49}) {
		t.Errorf("swept %+v, %v; want the carts nobody holds", w, err)
	}
	if n := rows(t, pool, `SELECT (SELECT count(*) FROM carts WHERE sweep_after <= now()) + (SELECT count(*) FROM
		sessions WHERE sweep_after <= now())`); n != 0 {
		t.Errorf("%d rows would be looked at again immediately, want none", n)
	}
	for _, plan := range []string{`SELECT FROM sessions o WHERE o.sweep_after <= now() ORDER BY o.sweep_after LIMIT 1000`,
		`SELECT FROM carts k WHERE k.customer_id IS NULL AND k.sweep_after <= now() ORDER BY k.sweep_after LIMIT 1000`} {
		if text := explained(t, pool, plan); !strings.Contains(text, "_sweep") {
			t.Errorf("%s reads without the index:\n%s", plan, text)
		}
	}
}

// explained is the plan of a query on a table too large to be read whole.
func explained(t *testing.T, pool *pgxpool.Pool, query string) (plan string) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
		t.Fatal(err)
	}
	found, err := tx.Query(t.Context(), `EXPLAIN `+query)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestASweepLeavesMostOfTheTimeToPages(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	store := postgres.New(pool)
	hang(t, pool, 3000, "25 hours", "NULL")
	var rested time.Duration
	pauses := 0
	postgres.OnPause(store, func(d time.Duration) { rested, pauses = rested+d, pauses+1 })
	began := time.Now()
	if w, err := store.Sweep(t.Context(), ignoreExpired); err != nil || w.Sessions != 3000 {
		t.Fatalf("swept %+v, %v; want all", w, err)
	}
	if worked := time.Since(began); pauses == 0 || rested < worked {
		t.Errorf("worked %s and paused %s in %d pauses, want most of the time for pages", worked, rested, pauses)
	}
	for took, want := range map[time.Duration]int64{5 * time.Second: 20, 200 * time.Millisecond: 125,
		50 * time.Millisecond: 500, 0: 1000} {
		if got := postgres.NextBatch(500, took); got != want {
			t.Errorf("500 rows took %s: the next batch has %d, want %d", took, got, want)
		}
	}
}

func TestChoresAreNotStoppedByTheLimitOfPages(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	forgottenCarts(t, url, 3, `PERFORM pg_sleep(0.4);`)
	store, err := postgres.Open(t.Context(), url+"&statement_timeout=100")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if w, err := store.Sweep(t.Context(), ignoreExpired); err != nil || w.Carts != 3 {
		t.Errorf("swept %+v, %v; want three carts", w, err)
	}
}
