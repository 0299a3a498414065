package postgres_test

import (
	"errors"
	"slices"
	"strings"
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
		INSERT INTO sessions (id, handle, log_id, data, id_token, customer_id, auth_time, issued, created, last_used, idle,
		    absolute_end, sweep_after)
		SELECT sha256(convert_to(h, 'UTF8')), h, '', '{"a": "b"}', 'sealed', c, CASE WHEN c IS NOT NULL
		    THEN now() END, now(), now() - age, now() - age, '30 minutes',
		    now() + interval '1 day', now() + interval '30 minutes' - age
		FROM (VALUES ('a1', 1, interval '1 minute'), ('a2', 1, '2 minutes'), ('a3', 1, '2 hours'), ('b1', 2,
		    '3 minutes'), ('nobody', NULL, '4 minutes')) v (h, c, age)`)
	if err != nil {
		t.Fatal(err)
	}
	return pool, postgres.New(pool)
}

func handles(t *testing.T, s *postgres.Store, f postgres.SessionFilter) (handles []string) {
	t.Helper()
	listed, _, err := s.ListSessions(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range listed {
		handles = append(handles, l.Handle+string(l.Reason))
	}
	return handles
}

func TestOperatorsListTheNewestSessionsFirst(t *testing.T) {
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
	listed, _, err := s.ListSessions(t.Context(), postgres.SessionFilter{Ended: true})
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
		if n, err := s.EndSessions(t.Context(), target); n != (postgres.Revoked{}) || !errors.Is(err, want) {
			t.Errorf("%+v: got %+v, %v; want %v", target, n, err, want)
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
			if err != nil || ended.Sessions != c.ended {
				t.Errorf("ended %+v (%v), want %d", ended, err, c.ended)
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
	if ended, err := s.EndSessions(t.Context(), postgres.SessionTarget{All: true}); err != nil || ended.Sessions != 2504 {
		t.Errorf("ended %+v (%v), want 2504", ended, err)
	}
}

func TestOperatorsCountSessionsAndCustomers(t *testing.T) {
	t.Parallel()
	_, s := hangCustomers(t)
	got, share, err := s.SessionStats(t.Context())
	want := []postgres.SessionCount{{SignedIn: true, State: "live", Count: 3}, {SignedIn: true, State: "idle", Count: 1},
		{State: "live", Count: 1}}
	if err != nil || share != 1 || !slices.Equal(got, want) {
		t.Errorf("counts are %v (%v), want %v", got, err, want)
	}
	customers, more, err := s.ListCustomers(t.Context(), 0, 0)
	if err != nil || more || len(customers) != 2 || customers[1].Subject != "alice" || customers[1].Sessions != 2 ||
		customers[0].Sessions != 1 || customers[1].Disabled != nil {
		t.Errorf("customers are %+v (%v)", customers, err)
	}
}

func TestOperatorsTurnPagesOfSessionsAndCustomers(t *testing.T) {
	t.Parallel()
	pool, s := hangCustomers(t)
	hang(t, pool, 2500, "1 hour", "NULL") // idled out, between the live ones
	hang(t, pool, 1, "3 hours", "NULL")
	exec(t, pool, `UPDATE sessions SET handle = 'last', idle = '4 hours' WHERE last_used < now() - interval '150 minutes'`)
	var seen []string
	for page, after := 1, ""; page == 1 || after != ""; page++ {
		listed, more, err := s.ListSessions(t.Context(), postgres.SessionFilter{Limit: 2, After: after})
		if err != nil || page > 4 || len(listed) > 2 {
			t.Fatalf("page %d: got %d sessions, %v", page, len(listed), err)
		}
		for _, l := range listed {
			seen = append(seen, l.Handle)
		}
		after = more
	}
	if want := []string{"a1", "a2", "b1", "nobody", "last"}; !slices.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
	_, _, err := s.ListSessions(t.Context(), postgres.SessionFilter{After: "swept"})
	if !errors.Is(err, postgres.ErrNoSession) {
		t.Errorf("after a session that is gone: got %v, want %v", err, postgres.ErrNoSession)
	}
	if one, more, err := s.ListCustomers(t.Context(), 0, 1); err != nil || !more || len(one) != 1 {
		t.Errorf("one customer of two: got %+v, more %t, %v; want one, and more", one, more, err)
	}
	customers, more, err := s.ListCustomers(t.Context(), 2, 5)
	if err != nil || more || len(customers) != 1 || customers[0].Subject != "alice" {
		t.Errorf("after the second customer: got %+v, %v; want the first", customers, err)
	}
}

func TestOneListLooksAtSoManySessionsAndSaysThatThereMayBeMore(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s := postgres.New(pool)
	hang(t, pool, 10_500, "1 hour", "NULL") // all idled out, and of one moment
	hang(t, pool, 1, "2 hours", "NULL")
	exec(t, pool, `UPDATE sessions SET handle = 'last', idle = '4 hours' WHERE last_used < now() - interval '90 minutes'`)
	listed, more, err := s.ListSessions(t.Context(), postgres.SessionFilter{})
	if err != nil || len(listed) != 0 || more == "" {
		t.Fatalf("got %d sessions, more after %q, %v; want none, and more", len(listed), more, err)
	}
	listed, more, err = s.ListSessions(t.Context(), postgres.SessionFilter{After: more})
	if err != nil || len(listed) != 1 || listed[0].Handle != "last" || more != "" {
		t.Errorf("then: got %+v, more after %q, %v; want the last one", listed, more, err)
	}
	listed, _, err = s.ListSessions(t.Context(), postgres.SessionFilter{Ended: true, Limit: 10_001})
	if err != nil || len(listed) != 10_000 {
		t.Errorf("with ended ones: got %d, %v; want 10,000 of one moment", len(listed), err)
	}
}

func TestOperatorsListsReadNoWholeTable(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	hang(t, pool, 20_000, "1 hour", "NULL")
	exec(t, pool, `INSERT INTO customers (issuer, subject) SELECT 'https://idp.test', n::text FROM
		generate_series(1, 2000) n`)
	exec(t, pool, `UPDATE sessions SET created = now() - random() * interval '1 hour', auth_time = now(), issued = now(),
		customer_id = CASE WHEN random() < 0.4 THEN 1 WHEN random() < 0.5 THEN 2 + 1900 * random() END`)
	exec(t, pool, `VACUUM ANALYZE`)
	const newest = ` ORDER BY created DESC, handle DESC LIMIT 100`
	for query, index := range map[string]string{
		`SELECT FROM sessions WHERE (created, handle) < (now(), 'x')` + newest:                     "sessions_created",
		`SELECT FROM sessions WHERE customer_id = 1 AND (created, handle) < (now(), 'x')` + newest: "sessions_customer",
		`SELECT FROM customers WHERE id < 1900 ORDER BY id DESC LIMIT 100`:                         "customers_pkey",
	} {
		if plan := explained(t, pool, query); !strings.Contains(plan, index) || strings.Contains(plan, "->  Sort") {
			t.Errorf("%s reads more than its page:\n%s", query, plan)
		}
	}
}

func TestCountsOfALargeTableAreEstimates(t *testing.T) {
	t.Parallel()
	pool, s := hangCustomers(t)
	hang(t, pool, 20_000, "1 minute", "NULL")
	postgres.SetCountBlocks(s, 100)
	counts, share, err := s.SessionStats(t.Context())
	if err != nil || share <= 0 || share >= 1 {
		t.Fatalf("got a share of %g, %v; want a part of the table", share, err)
	}
	var anonymous int64
	for _, n := range counts {
		if !n.SignedIn && n.State == "live" {
			anonymous = n.Count
		}
	}
	if anonymous < 12_000 || anonymous > 28_000 {
		t.Errorf("got about %d live anonymous sessions, want about 20001", anonymous)
	}
}
