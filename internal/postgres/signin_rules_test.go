package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

func TestTheNumberOfSessionsCountsOnesOwnLiveOnes(t *testing.T) { // ASVS 7.1.2
	t.Parallel()
	pool, s := hangCustomers(t)
	exec(t, pool, `UPDATE sessions SET created = created - interval '1 hour' WHERE handle <> 'a3'`)
	in := signInOf("alice")
	in.PerOwner = 3 // a1, a2 and the new one; a3 idled out
	if _, err := s.SignIn(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions WHERE ended_reason = 'excess'`); n != 0 {
		t.Errorf("%d sessions ended, though there are no more than three live ones", n)
	}
	in.ID, in.Handle, in.PerOwner = session.ID{3}, "newest", 1
	if _, err := s.SignIn(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if n := number(t, pool,
		`SELECT count(*) FROM sessions s WHERE live(s) AND handle IN ('newest', 'b1', 'nobody')`); n != 3 {
		t.Errorf("live sessions of newest, b1 and nobody: got %d, want 3", n)
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions s WHERE live(s) AND customer_id = 1`); n != 1 {
		t.Errorf("%d live, want 1", n)
	}
}

func TestAnIdleSessionGivesASignInNoCart(t *testing.T) { // ASVS 7.3.1, 7.4.1
	t.Parallel()
	pool, s := hangCustomers(t)
	putProduct(t, pool, "AAA", 9, 100)
	guest := fill(t, s, cart.Owner{}, map[string]int{"AAA": 2})
	exec(t, pool, `UPDATE sessions SET cart_id = $1, last_used = now() - interval '31 minutes' WHERE handle = 'nobody'`,
		guest)
	in := signInOf("bob")
	in.Old = idOf("nobody")
	done, err := s.SignIn(t.Context(), in)
	if n := unitsOf(t, pool, done.Owner); err != nil || n != 0 {
		t.Errorf("%d units, %v; the cart was another visitor's by then", n, err)
	}
	exec(t, pool, `UPDATE sessions SET last_used = now() WHERE handle = 'nobody'`)
	in.NewRecord = session.NewRecord{ID: session.ID{3}, Handle: "newest", Data: []byte(`{}`), Idle: time.Hour,
		Absolute: time.Hour}
	done, err = s.SignIn(t.Context(), in)
	if n := unitsOf(t, pool, done.Owner); err != nil || n != 2 {
		t.Errorf("a live one: %d units, %v; want 2", n, err)
	}
}

func TestALogoutRefusesASignInInProgress(t *testing.T) {
	t.Parallel()
	for what, logout := range map[string]session.Logout{
		"the provider's session": {Issuer: "https://id.example", SID: "sid", TokenID: "jti",
			IssuedAt: time.Now().Add(time.Minute), Keep: time.Hour},
		"all of the subject's": {Issuer: "https://id.example", Subject: "alice", TokenID: "jti",
			IssuedAt: time.Now().Add(time.Minute), Keep: time.Hour},
	} {
		pool, s := hangCustomers(t)
		if _, err := s.EndByProvider(t.Context(), logout); err != nil {
			t.Fatal(err)
		}
		in := signInOf("alice")
		in.ProviderSID = "sid"
		if _, err := s.SignIn(t.Context(), in); !errors.Is(err, session.ErrLoggedOut) {
			t.Errorf("%s: %v, want ErrLoggedOut", what, err)
		}
		exec(t, pool, `UPDATE logout_marks SET expires = expires - interval '10 minutes'`) // as long as an attempt may take
		if _, err := s.SignIn(t.Context(), in); !errors.Is(err, session.ErrLoggedOut) {
			t.Errorf("%s, at the end of an attempt: %v, want ErrLoggedOut", what, err)
		}
		in.IssuedAt = time.Now().Add(2 * time.Minute) // the provider may sign a customer in anew in the same session
		if _, err := s.SignIn(t.Context(), in); err != nil {
			t.Errorf("%s, and a later sign-in: got %v, want it let in", what, err)
		}
	}
}

// ASVS 7.4.1, 7.4.5, 7.5.2: the provider may still know the browser that was signed out
func TestARevocationRefusesOlderAuthentications(t *testing.T) {
	t.Parallel()
	for what, revoke := range map[string]func(context.Context, *postgres.Store) error{
		"one device": func(ctx context.Context, s *postgres.Store) error {
			return ignore(s.EndDevice(ctx, 1, "a1", idOf("a2")))
		},
		"all others": func(ctx context.Context, s *postgres.Store) error {
			return ignore(s.EndOtherDevices(ctx, 1, idOf("a1")))
		},
		"by handle": func(ctx context.Context, s *postgres.Store) error {
			return ignore(s.EndSessions(ctx, postgres.SessionTarget{Handle: "a1"}))
		},
		"a customer's": func(ctx context.Context, s *postgres.Store) error {
			return ignore(s.EndSessions(ctx, postgres.SessionTarget{CustomerID: 1}))
		},
		"all": func(ctx context.Context, s *postgres.Store) error {
			return ignore(s.EndSessions(ctx, postgres.SessionTarget{All: true}))
		},
		"disabled once": func(ctx context.Context, s *postgres.Store) error {
			return errors.Join(ignore(s.DisableCustomer(ctx, 1)), s.EnableCustomer(ctx, 1))
		},
	} {
		pool, s := hangCustomers(t)
		exec(t, pool, `INSERT INTO customers (issuer, subject) VALUES ('https://id.example', 'carol')`) // has no session
		if err := revoke(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		in := signInOf("alice")
		in.Age = 2 * time.Second
		if _, err := s.SignIn(t.Context(), in); !errors.Is(err, session.ErrStaleAuthentication) {
			t.Errorf("%s: got %v, want ErrStaleAuthentication", what, err)
		}
		in.Age = 0
		if _, err := s.SignIn(t.Context(), in); err != nil {
			t.Errorf("%s, a new authentication: got %v, want it accepted", what, err)
		}
		in = signInOf("carol")
		in.ID, in.Handle, in.Age = session.ID{3}, "carol's", time.Hour
		if _, err := s.SignIn(t.Context(), in); err != nil {
			t.Errorf("%s, another customer: %v", what, err)
		}
	}
}

func TestRevokingEndsTheSessionOfASignInInProgress(t *testing.T) { // ASVS 7.5.2, 15.4.2
	t.Parallel()
	for what, revoke := range map[string]func(context.Context, *postgres.Store) error{
		"all others": func(ctx context.Context, s *postgres.Store) error {
			return ignore(s.EndOtherDevices(ctx, 1, idOf("a1")))
		},
		"a customer's": func(ctx context.Context, s *postgres.Store) error {
			return ignore(s.EndSessions(ctx, postgres.SessionTarget{CustomerID: 1}))
		},
		"disabled": func(ctx context.Context, s *postgres.Store) error { return ignore(s.DisableCustomer(ctx, 1)) },
		"by the provider": func(ctx context.Context, s *postgres.Store) error {
			return ignore(s.EndByProvider(ctx,
				session.Logout{Issuer: "https://id.example", SID: "sid", TokenID: "jti", IssuedAt: time.Now(), Keep: time.Hour}))
		},
	} {
		pool, s := hangCustomers(t)
		exec(t, pool, `UPDATE sessions SET provider_sid = 'sid' WHERE handle = 'a2'`)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{`UPDATE customers SET name = 'Alice' WHERE id = 1`, `
			INSERT INTO sessions (id, handle, log_id, customer_id, provider_sid, auth_time, issued, idle, absolute_end,
			    sweep_after)
			VALUES (sha256('new'), 'new', '', 1, 'sid', now(), now(), '30 minutes', now() + interval '1 day', now())`} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan error, 1)
		go func() { done <- revoke(t.Context(), s) }()
		if !waits(t, pool, done) {
			t.Errorf("%s: does not wait", what)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if n := number(t, pool, `SELECT count(*) FROM sessions WHERE handle = 'new' AND ended IS NOT NULL`); n != 1 {
			t.Errorf("%s: the session that began during the sign-in lives on", what)
		}
	}
}

// unitsOf returns how many units the customer's cart holds.
func unitsOf(t *testing.T, pool *pgxpool.Pool, customer int64) int {
	t.Helper()
	return number(t, pool, `SELECT coalesce(sum(quantity), 0) FROM carts k JOIN cart_lines l ON l.cart_id = k.id
		WHERE customer_id = $1 AND NOT saved`, customer)
}
