package postgres_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// hangCustomers makes two customers, the first with two live sessions and one that idled out, the
// second with one, and an anonymous session.
func hangCustomers(t *testing.T) (*pgxpool.Pool, *postgres.Store) {
	t.Helper()
	pool := postgrestest.New(t)
	_, err := pool.Exec(t.Context(), `INSERT INTO customers (issuer, subject) VALUES ('https://id.example', 'alice'),
		('https://id.example', 'bob')`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.Exec(t.Context(), `
		INSERT INTO sessions (id, handle, log_id, data, id_token, customer_id, auth_time, issued, last_used, idle,
		    absolute_end, sweep_after)
		SELECT sha256(convert_to(h, 'UTF8')), h, '', '{"a": "b"}', 'sealed', c, CASE WHEN c IS NOT NULL
		    THEN now() END, now(), now() - age, '30 minutes', now() + interval '1 day', now() + interval '30 minutes' - age
		FROM (VALUES ('a1', 1, interval '1 minute'), ('a2', 1, '2 minutes'), ('a3', 1, '2 hours'), ('b1', 2,
		    '3 minutes'), ('nobody', NULL, '4 minutes')) v (h, c, age)`)
	if err != nil {
		t.Fatal(err)
	}
	return pool, postgres.New(pool)
}

func handles(t *testing.T, s *postgres.Store, f postgres.SessionFilter) (handles []string) {
	t.Helper()
	listed, err := s.ListSessions(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range listed {
		handles = append(handles, l.Handle+string(l.Reason))
	}
	return handles
}

func TestOperatorsListSessionsByUse(t *testing.T) {
	t.Parallel()
	_, s := hangCustomers(t)
	for name, c := range map[string]struct {
		filter postgres.SessionFilter
		want   []string
	}{
		"live":              {postgres.SessionFilter{}, []string{"a1", "a2", "b1", "nobody"}},
		"of one customer":   {postgres.SessionFilter{CustomerID: 1}, []string{"a1", "a2"}},
		"with ended":        {postgres.SessionFilter{CustomerID: 1, Ended: true}, []string{"a1", "a2", "a3idle"}},
		"only the first":    {postgres.SessionFilter{Limit: 1}, []string{"a1"}},
		"of nobody we know": {postgres.SessionFilter{CustomerID: 3}, nil},
	} {
		if got := handles(t, s, c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	listed, err := s.ListSessions(t.Context(), postgres.SessionFilter{Ended: true})
	if err != nil {
		t.Fatal(err)
	}
	last := listed[len(listed)-1]
	if last.Ended == nil || time.Since(*last.Ended) < time.Hour || listed[0].Ended != nil ||
		time.Until(listed[0].Ends) < 28*time.Minute {
		t.Errorf("moments are wrong in %+v", listed)
	}
}

func TestOperatorsAreToldOfATargetThatDoesNotExist(t *testing.T) {
	t.Parallel()
	_, s := hangCustomers(t)
	for target, want := range map[postgres.SessionTarget]error{
		{}: postgres.ErrNoCustomer, {CustomerID: 99}: postgres.ErrNoCustomer, {Handle: "nobody's"}: postgres.ErrNoSession,
	} {
		if n, err := s.EndSessions(t.Context(), target); n != 0 || !errors.Is(err, want) {
			t.Errorf("%+v: got %d, %v; want %v", target, n, err, want)
		}
	}
}

func TestOperatorsEndSessions(t *testing.T) { // ASVS 7.4.5
	t.Parallel()
	for name, c := range map[string]struct {
		target postgres.SessionTarget
		ended  int64
		left   []string
	}{
		"one":              {postgres.SessionTarget{Handle: "a2"}, 1, []string{"a1", "b1", "nobody"}},
		"one customer's":   {postgres.SessionTarget{CustomerID: 1}, 2, []string{"b1", "nobody"}},
		"every customer's": {postgres.SessionTarget{All: true}, 3, []string{"nobody"}},
		"an anonymous one": {postgres.SessionTarget{Handle: "nobody"}, 1, []string{"a1", "a2", "b1"}},
		"an ended one":     {postgres.SessionTarget{Handle: "a3"}, 0, []string{"a1", "a2", "b1", "nobody"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, s := hangCustomers(t)
			ended, err := s.EndSessions(t.Context(), c.target)
			if err != nil || ended != c.ended {
				t.Errorf("ended %d (%v), want %d", ended, err, c.ended)
			}
			if left := handles(t, s, postgres.SessionFilter{}); !slices.Equal(left, c.left) {
				t.Errorf("%v are live, want %v", left, c.left)
			}
			if n := rows(t, pool, `SELECT count(*) FROM sessions WHERE ended_reason = 'revoked' AND data = '{}' AND id_token
				IS NULL`); int64(n) != c.ended {
				t.Errorf("%d tombstones, want %d", n, c.ended)
			}
		})
	}
}

func TestOperatorsEndMoreSessionsThanOneBatch(t *testing.T) {
	t.Parallel()
	pool, s := hangCustomers(t)
	hang(t, pool, 2500, "1 minute", "NULL")
	if _, err := pool.Exec(t.Context(), `UPDATE sessions SET customer_id = 2, auth_time = now(), issued = now() WHERE
		customer_id IS NULL`); err != nil {
		t.Fatal(err)
	}
	if ended, err := s.EndSessions(t.Context(), postgres.SessionTarget{All: true}); err != nil || ended != 2504 {
		t.Errorf("ended %d (%v), want 2504", ended, err)
	}
}

func TestOperatorsCountSessionsAndCustomers(t *testing.T) {
	t.Parallel()
	_, s := hangCustomers(t)
	got, err := s.SessionStats(t.Context())
	want := []postgres.SessionCount{{SignedIn: true, State: "live", Count: 3}, {SignedIn: true, State: "idle", Count: 1},
		{State: "live", Count: 1}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("counts are %v (%v), want %v", got, err, want)
	}
	customers, err := s.ListCustomers(t.Context(), 0)
	if err != nil || len(customers) != 2 || customers[0].Subject != "alice" || customers[0].Sessions != 2 ||
		customers[1].Sessions != 1 || customers[0].Disabled != nil {
		t.Errorf("customers are %+v (%v)", customers, err)
	}
}
