package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

func TestOnlyAMarkOfThisProviderThatHasNotExpiredStopsASignIn(t *testing.T) { // X-14, RFC 9700 4.4.2
	t.Parallel()
	for what, c := range map[string]struct {
		issuer, expires string
		want            error
	}{
		"ours":              {"https://id.example", "1 minute", session.ErrLoggedOut},
		"another provider":  {"https://other.example", "1 minute", nil},
		"its time is over":  {"https://id.example", "-1 second", nil},
		"sid of another op": {"https://other.example", "1 minute", nil},
	} {
		pool, s := hangCustomers(t)
		exec(t, pool, `INSERT INTO logout_marks (issuer, subject, sid, issued, expires) VALUES ($1, 'alice', CASE WHEN $3
			THEN 'sid' END, now() + interval '1 minute', now() + $2::text::interval)`,
			c.issuer, c.expires, what == "sid of another op")
		in := signInOf("alice")
		in.ProviderSID = "sid"
		if _, err := s.SignIn(t.Context(), in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
}

func TestIssuerAndSubjectAloneIdentify(t *testing.T) { // NIST 800-63C 4.9, OIDC Core 5.7
	t.Parallel()
	const alice, anna = "alice@example.test", "anna@example.test"
	_, s := hangCustomers(t)
	for _, c := range []struct {
		what, issuer, subject, email string
		same                         bool
	}{
		{"alice", "https://id.example", "alice", alice, true},
		{"a new e-mail", "https://id.example", "alice", anna, true},
		{"the same subject at another provider", "https://other.example", "alice", anna, false},
		{"the same e-mail, another subject", "https://id.example", "anna", anna, false},
		{"a subject that differs by its case", "https://id.example", "Alice", anna, false},
	} {
		in := signInOf(c.subject)
		in.ID, in.Handle = idOf(c.what), c.what
		in.Issuer, in.Work = c.issuer, visitor.Work{Identity: customer.Identity{Email: c.email}}
		if done, err := s.SignIn(t.Context(), in); err != nil || (done.Owner == 1) != c.same {
			t.Errorf("%s: got customer %d and %v, want alice's: %t", c.what, done.Owner, err, c.same)
		}
	}
}

// the one that comes second sees what the first has written
func TestSignInAndLogoutOfOnePersonWaitForEachOther(t *testing.T) {
	t.Parallel()
	in := signInOf("alice")
	in.ProviderSID = "sid"
	logout := session.Logout{Issuer: "https://id.example", Subject: "alice", SID: "sid", TokenID: "jti",
		IssuedAt: time.Now(), Keep: time.Hour}
	for _, held := range []string{"subject\x1fhttps://id.example\x1falice", "sid\x1fhttps://id.example\x1fsid"} {
		for what, act := range map[string]func(context.Context, *postgres.Store) error{
			"sign-in": func(ctx context.Context, s *postgres.Store) error { return ignore(s.SignIn(ctx, in)) },
			"logout":  func(ctx context.Context, s *postgres.Store) error { return ignore(s.EndByProvider(ctx, logout)) },
		} {
			pool, s := hangCustomers(t)
			tx, err := pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, held); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- act(t.Context(), s) }()
			if !waits(t, pool, done) {
				t.Errorf("%s does not wait for %q", what, held)
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

// waits reports whether somebody comes to wait for a lock before done yields its result.
func waits(t *testing.T, pool *pgxpool.Pool, done chan error) bool {
	t.Helper()
	for {
		select {
		case err := <-done:
			done <- err
			return false
		default:
		}
		if number(t, pool, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type =
			'Lock'`) > 0 {
			return true
		}
	}
}
