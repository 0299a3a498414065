package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// whileUncommitted runs act while a transaction has run a statement. Once act waits for it, the
// transaction runs the statements that are left and commits.
func whileUncommitted(t *testing.T, pool *pgxpool.Pool, sql string, act func() error, left ...string) error {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	done := make(chan error, 1)
	go func() { done <- act() }()
	if !waits(t, pool, done) {
		t.Error("nothing waits for the transaction")
	}
	for _, sql := range left {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	return <-done
}

// rotation has a session go on as one of a customer's, or of nobody's with NULL.
func rotation(from, to, customer string) string {
	return fmt.Sprintf(`
		WITH next AS (INSERT INTO sessions (id, handle, log_id, idle, absolute_end, sweep_after, customer_id,
		    auth_time, issued)
			SELECT sha256('%[2]s'), '%[2]s', '', '1 hour', now() + interval '1 hour', now(), c, CASE WHEN c > 0 THEN now() END,
			    now() FROM (SELECT %[3]s::bigint) v (c))
		UPDATE sessions SET ended = now(), ended_reason = 'rotated', data = '{}', id_token = NULL,
		    replaced_by = sha256('%[2]s') WHERE handle = '%[1]s'`, from, to, customer)
}

// revokedCustomers are those whose earlier authentications count no more.
func revokedCustomers(t *testing.T, pool *pgxpool.Pool) (ids []int64) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM customers
		WHERE auth_not_before IS NOT NULL`).Scan(&ids)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestEndingByAHandleRevokesWhoseSessionEnds(t *testing.T) { // ASVS 7.4.5
	t.Parallel()
	for name, c := range map[string]struct {
		handle string
		act    func(*testing.T, *pgxpool.Pool, func() error) error // runs the ending
		live   []string
		want   []int64
	}{
		"a tag from before the sign-in": {"nobody", func(t *testing.T, pool *pgxpool.Pool, end func() error) error {
			exec(t, pool, rotation("nobody", "next", "1"))
			return end()
		}, []string{"a1", "a2", "b1"}, []int64{1}},
		"a tag of another customer's": {"a1", func(t *testing.T, pool *pgxpool.Pool, end func() error) error {
			exec(t, pool, rotation("a1", "next", "2"))
			return end()
		}, []string{"a2", "b1", "nobody"}, []int64{2}},
		"a sign-in that commits now": {"nobody", func(t *testing.T, pool *pgxpool.Pool, end func() error) error {
			return whileUncommitted(t, pool, rotation("nobody", "next", "1"), end)
		}, []string{"a1", "a2", "b1"}, []int64{1}},
		"a second sign-in that commits now": {"nobody", func(t *testing.T, pool *pgxpool.Pool, end func() error) error {
			exec(t, pool, rotation("nobody", "middle", "NULL"))
			return whileUncommitted(t, pool, rotation("middle", "next", "2"), end)
		}, []string{"a1", "a2", "b1"}, []int64{2}},
		"a visitor's": {"nobody", func(_ *testing.T, _ *pgxpool.Pool, end func() error) error {
			return end()
		}, []string{"a1", "a2", "b1"}, []int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, s := hangCustomers(t)
			var ended postgres.Revoked
			err := c.act(t, pool, func() (err error) {
				ended, err = s.EndSessions(t.Context(), postgres.SessionTarget{Handle: c.handle})
				return err
			})
			if err != nil || ended.Sessions != 1 {
				t.Errorf("ended %+v, %v; want one", ended, err)
			}
			live := handles(t, s, postgres.SessionFilter{})
			slices.Sort(live)
			if !slices.Equal(live, c.live) {
				t.Errorf("%v are live, want %v", live, c.live)
			}
			if got := revokedCustomers(t, pool); !slices.Equal(got, c.want) {
				t.Errorf("customers %v have to prove themselves again, want %v", got, c.want)
			}
		})
	}
}

func TestASignOutByAnOldTagWaitsForARotationInProgress(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	pool, s := hangCustomers(t)
	exec(t, pool, rotation("nobody", "middle", "1"))
	var ended session.EndedRecord
	err := whileUncommitted(t, pool, rotation("middle", "last", "1"), func() (err error) {
		ended, err = s.EndSession(t.Context(), idOf("nobody"))
		return err
	})
	if err != nil || ended.ID != idOf("last") {
		t.Errorf("ended %+v, %v; want the last session", ended, err)
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions s WHERE handle = 'last' AND live(s)`); n != 0 {
		t.Error("the last session is live")
	}
}

func TestASignInByAnOldTagWaitsForARotationInProgress(t *testing.T) { // ASVS 7.2.4, 15.4.2
	t.Parallel()
	pool, s := hangCustomers(t)
	exec(t, pool, rotation("nobody", "middle", "NULL"))
	in := signInFrom("bob", "nobody", "late")
	in.BegunAgo = time.Minute
	err := whileUncommitted(t, pool, rotation("middle", "last", "1"), func() error {
		return ignore(s.SignIn(t.Context(), in))
	})
	if !errors.Is(err, session.ErrOvertaken) {
		t.Errorf("got %v, want ErrOvertaken", err)
	}
}
