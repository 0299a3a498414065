package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// putSessions makes sessions that are called by their number, each of a customer called so or with
// a cart whose number is a thousand more.
func putSessions(t *testing.T, pool *pgxpool.Pool, n int) {
	t.Helper()
	exec(t, pool, `INSERT INTO carts (id) OVERRIDING SYSTEM VALUE SELECT 1000 + n FROM generate_series(1, $1::int) n`, n)
	exec(t, pool, `INSERT INTO customers (id, issuer, subject, name) OVERRIDING SYSTEM VALUE
		SELECT n, 'https://idp.test', n, n FROM generate_series(1, $1::int) n`, n)
	exec(t, pool, `
		INSERT INTO sessions (id, handle, log_id, data, idle, absolute_end, sweep_after, customer_id, cart_id, auth_time,
		    issued)
		SELECT sha256(n::text::bytea), n, n, jsonb_build_object('n', n::text), '30 minutes', now() + interval '1 day',
		    now() + interval '30 minutes', CASE WHEN n % 2 = 0 THEN n END, CASE WHEN n % 2 = 1 THEN 1000 + n END,
		    CASE WHEN n % 2 = 0 THEN now() END, CASE WHEN n % 2 = 0 THEN now() END
		FROM generate_series(1, $1::int) n`, n)
}

// wantSession finds a session of putSessions, and nobody else's.
func wantSession(ctx context.Context, t *testing.T, s *postgres.Store, n int) {
	t.Helper()
	r, found, err := s.FindSession(ctx, idOf(fmt.Sprint(n)))
	if err != nil || !found {
		t.Errorf("session %d: found %t, %v", n, found, err)
		return
	}
	along, name := r.Along.(visitor.Along), fmt.Sprint(n)
	customer, cart := n, 0
	if n%2 == 1 {
		customer, cart, name = 0, 1000+n, ""
	}
	if r.Handle != fmt.Sprint(n) || string(r.Data) != fmt.Sprintf(`{"n": "%d"}`, n) || r.Owner != int64(customer) ||
		r.Ref != int64(cart) || along.Customer.Name != name || along.CartID != int64(cart) {
		t.Errorf("session %d: got %+v", n, r)
	}
}

func TestHundredsOfRequestsAtOnceFindEachItsOwnSession(t *testing.T) { // ASVS 8.2.2
	t.Parallel()
	pool := postgrestest.New(t)
	putSessions(t, pool, 300)
	var statements atomic.Int64
	store, err := postgres.OpenWatched(t.Context(), pool.Config().ConnString(),
		func(context.Context, postgres.Statement) { statements.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	const rounds = 10
	var wait sync.WaitGroup
	for n := 1; n <= 300; n++ {
		wait.Go(func() {
			for round := range rounds {
				switch (n + round) % 10 {
				case 0:
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*time.Microsecond)
					_, _, _ = store.FindSession(ctx, idOf(fmt.Sprint(n))) // may come too late
					cancel()
				case 1:
					if _, found, err := store.FindSession(t.Context(), idOf(fmt.Sprint("unknown", n))); found || err != nil {
						t.Errorf("an unknown session: found %t, %v", found, err)
					}
				case 2:
					wantSession(t.Context(), t, store, 1) // as do others at the same moment
				default:
					wantSession(t.Context(), t, store, n)
				}
			}
		})
	}
	wait.Wait()
	if n := statements.Load(); n > 300*rounds/2 {
		t.Errorf("%d reads took %d statements, want most to share one", 300*rounds, n)
	}
}

// heldStore is a store whose reads of sessions wait until release is called.
func heldStore(t *testing.T, watch func(context.Context, postgres.Statement)) (s *postgres.Store, pool *pgxpool.Pool,
	release func()) {
	t.Helper()
	pool = postgrestest.New(t)
	putSessions(t, pool, 40)
	s, err := postgres.OpenWatched(t.Context(), pool.Config().ConnString(), watch)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	if _, err := tx.Exec(t.Context(), `LOCK TABLE sessions`); err != nil {
		t.Fatal(err)
	}
	return s, pool, func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// findHeld finds sessions 1 to n, each once those before it run or wait for their statement.
func findHeld(t *testing.T, s *postgres.Store, pool *pgxpool.Pool, ctx func(n int) context.Context) *sync.WaitGroup {
	t.Helper()
	var wait sync.WaitGroup
	for n := 1; n <= postgres.ReadsAtOnce+3; n++ {
		wait.Go(func() { wantSession(ctx(n), t, s, n) })
		waitFor(t, s, pool, n)
	}
	return &wait
}

// waitFor waits until so many reads are held: as many as may run by the lock, the others by those.
func waitFor(t *testing.T, s *postgres.Store, pool *pgxpool.Pool, reads int) {
	t.Helper()
	limit := time.Now().Add(30 * time.Second)
	for {
		var running int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted AND database =
			(SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&running)
		waiting := postgres.WaitingReads(s)
		switch {
		case err != nil:
			t.Fatal(err)
		case running == min(reads, postgres.ReadsAtOnce) && waiting == reads-running:
			return
		case time.Now().After(limit):
			t.Fatalf("%d reads run and %d wait, want %d in all", running, waiting, reads)
		}
	}
}

func TestReadsOfOneSessionShareAStatementAndNoRecord(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	putSessions(t, pool, 2)
	found, err := postgres.FindTogether(t.Context(), s, idOf("1"), idOf("1"), idOf("2"))
	if err != nil {
		t.Fatal(err)
	}
	clear(found[0].Data)
	for i, want := range []string{"1", "2"} {
		r := found[i+1]
		if got := string(r.Data); r.Handle != want || got != fmt.Sprintf(`{"n": "%s"}`, want) {
			t.Errorf("got session %s with %s, want session %s", r.Handle, got, want)
		}
	}
}

func TestAStatementIsSeenOnceWithEveryRequestItAnswers(t *testing.T) {
	t.Parallel()
	type who struct{}
	var mu sync.Mutex
	var statements int
	seen := map[any]int{}
	s, pool, release := heldStore(t, func(ctx context.Context, st postgres.Statement) {
		mu.Lock()
		defer mu.Unlock()
		if !strings.Contains(st.SQL, "FROM sessions") {
			return
		}
		statements++
		for _, c := range append(st.Others, ctx) {
			seen[c.Value(who{})]++
		}
	})
	wait := findHeld(t, s, pool, func(n int) context.Context { return context.WithValue(t.Context(), who{}, n) })
	release()
	wait.Wait()
	if statements != postgres.ReadsAtOnce+1 {
		t.Errorf("got %d statements, want %d", statements, postgres.ReadsAtOnce+1)
	}
	for n := 1; n <= postgres.ReadsAtOnce+3; n++ {
		if seen[n] != 1 {
			t.Errorf("request %d: got %d statements, want 1", n, seen[n])
		}
	}
}

func TestACartThatCannotBeReadFailsOnlyItsOwnRequest(t *testing.T) {
	t.Parallel()
	s, pool, release := heldStore(t, nil)
	exec(t, pool, `UPDATE carts SET undo = '"junk"' WHERE id = 1039`)
	wait := findHeld(t, s, pool, func(int) context.Context { return t.Context() })
	wait.Go(func() {
		r, _, err := s.FindSession(t.Context(), session.ID(idOf("39")))
		if err == nil || postgres.Outage(err) {
			t.Errorf("got %+v, %v, want an error that is no outage", r, err)
		}
	})
	waitFor(t, s, pool, postgres.ReadsAtOnce+4)
	release()
	wait.Wait()
}
