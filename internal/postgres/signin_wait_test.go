package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// delayedSignIn signs alice in while her lock is held. Meddle runs once the sign-in waits for it
// and is given the moment the sign-in began; 1.5 s after that moment the lock is released.
func delayedSignIn(t *testing.T, pool *pgxpool.Pool, s *postgres.Store, in session.SignInRecord,
	meddle func(began time.Time)) (began time.Time, err error) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	_, err = tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`,
		"subject\x1fhttps://id.example\x1falice")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- ignore(s.SignIn(t.Context(), in)) }()
	if !waits(t, pool, done) {
		t.Fatal("the sign-in does not wait for the lock")
	}
	err = pool.QueryRow(t.Context(), `SELECT xact_start FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&began)
	if err != nil {
		t.Fatal(err)
	}
	meddle(began)
	exec(t, pool, `SELECT pg_sleep_until($1::timestamptz + interval '1.5 s')`, began) // the wait is what is tested
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	return began, <-done
}

// The ages in a SignInRecord are from before its transaction, which may have waited for locks.
func TestASignInThatWaitedJudgesByTheTimeItBegan(t *testing.T) {
	t.Parallel()
	in := signInOf("alice")
	in.BegunAgo, in.Age = time.Second, 10*time.Second
	for what, c := range map[string]struct {
		old  session.ID
		sql  string // $1 is when the sign-in's transaction began
		want error
	}{
		"signed out since": {idOf("nobody"), `UPDATE sessions SET ended = $1::timestamptz - interval '0.5 s',
			ended_reason = 'forgotten', data = '{}', id_token = NULL
			WHERE handle = 'nobody'`, session.ErrSignedOut}, // ASVS 7.4.1
		"revoked since the authentication": {session.ID{}, `UPDATE customers
			SET auth_not_before = $1::timestamptz - interval '8.5 s'`, session.ErrStaleAuthentication}, // ASVS 7.4.1, 7.5.2
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			pool, s := hangCustomers(t)
			in := in
			in.Old = c.old
			_, err := delayedSignIn(t, pool, s, in, func(began time.Time) { exec(t, pool, c.sql, began) })
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	t.Run("recorded", func(t *testing.T) { // NIST 800-63B 5.2
		t.Parallel()
		pool, s := hangCustomers(t)
		began, err := delayedSignIn(t, pool, s, in, func(time.Time) {})
		if err != nil {
			t.Fatal(err)
		}
		if number(t, pool, `SELECT count(*) FROM sessions WHERE id = $1 AND auth_time = $2::timestamptz - interval '10 s'
			AND absolute_end = $2::timestamptz - interval '10 s' + $3::interval`, in.ID[:], began, in.Absolute) != 1 {
			t.Error("the authentication and the absolute limit count from later than 10 s before the sign-in began")
		}
	})
}
