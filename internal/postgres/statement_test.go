package postgres_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// What each statement may touch, asked of the statement itself: a request would find the same
// checks before it already.

// idOf is the id of a session that hangCustomers has hung up.
func idOf(handle string) session.ID { return sha256.Sum256([]byte(handle)) }

// kept is a row's columns that a statement must leave alone, as text.
func kept(t *testing.T, pool *pgxpool.Pool, handle string) (row string) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `SELECT to_jsonb(s)::text FROM sessions s WHERE handle = $1`, handle).Scan(&row)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func ignore[T any](_ T, err error) error { return err }

// a1 has ended; a2 and b1 are live.
func hangTombstone(t *testing.T) (*pgxpool.Pool, *postgres.Store) {
	t.Helper()
	pool, s := hangCustomers(t)
	exec(t, pool, `UPDATE sessions SET ended = now() - interval '1 hour', ended_reason = 'excess', data = '{}',
		id_token = NULL, provider_sid = 'sid-1', sweep_after = now() + interval '23 hours' WHERE handle = 'a1'`)
	return pool, s
}

func TestNothingChangesATombstone(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	pool, s := hangTombstone(t)
	before := kept(t, pool, "a1")
	logout := session.Logout{Issuer: "https://id.example", Subject: "alice", SID: "sid-1", TokenID: "jti",
		IssuedAt: time.Now(), Keep: time.Hour}
	for what, end := range map[string]func() error{
		"end":              func() error { return ignore(s.EndSession(t.Context(), idOf("a1"))) },
		"expire":           func() error { return ignore(s.ExpireSession(t.Context(), idOf("a1"))) },
		"end device":       func() error { return ignore(s.EndDevice(t.Context(), 1, "a1", idOf("a2"))) },
		"end others":       func() error { return ignore(s.EndOtherDevices(t.Context(), 1, idOf("a2"))) },
		"end by op":        func() error { return ignore(s.EndByProvider(t.Context(), logout)) },
		"end as admin":     func() error { return ignore(s.EndSessions(t.Context(), postgres.SessionTarget{CustomerID: 1})) },
		"touch":            func() error { return ignore(s.TouchSession(t.Context(), idOf("a1"), "x")) },
		"sweep":            func() error { return ignore(s.Sweep(t.Context(), ignoreExpired)) },
		"sign-in of other": func() error { return ignore(s.SignIn(t.Context(), signInOf("alice"))) },
	} {
		if err := end(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if after := kept(t, pool, "a1"); after != before {
			t.Fatalf("%s: changed the tombstone to %s", what, after)
		}
	}
	if _, err := s.UpdateSession(t.Context(), idOf("a1"), session.Change{Set: []byte(`{"b": "c"}`)}); !errors.Is(err,
		session.ErrEnded) || kept(t, pool, "a1") != before {
		t.Errorf("update: %v", err)
	}
}

// signInOf is a sign-in of a customer of hangCustomers in a new browser.
func signInOf(subject string) session.SignInRecord {
	in := annSignsIn()
	in.Old, in.Issuer, in.Subject, in.ProviderSID, in.NoticeKey = session.ID{}, "https://id.example", subject, "", "notice"
	return in
}

func TestOnlyASessionPastALimitExpires(t *testing.T) { // ASVS 7.3.1: a concurrent use counts
	t.Parallel()
	pool, s := hangCustomers(t)
	before := kept(t, pool, "a1")
	for _, handle := range []string{"a1", "a3"} {
		if _, err := s.ExpireSession(t.Context(), idOf(handle)); err != nil {
			t.Fatal(err)
		}
	}
	if after := kept(t, pool, "a1"); after != before {
		t.Errorf("a live session has become %s", after)
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions WHERE handle = 'a3' AND ended = last_used + idle AND
		ended_reason = 'idle' AND data = '{}' AND id_token IS NULL`); n != 1 {
		t.Errorf("the expired session has become %s", kept(t, pool, "a3"))
	}
}

func TestOfManyWhoRecordAUseOneWrites(t *testing.T) { // S-12: the replicas do not know of each other
	t.Parallel()
	_, s := hangCustomers(t)
	for i, want := range []bool{true, false, false} {
		if touch, err := s.TouchSession(t.Context(), idOf("a2"), "x"); err != nil || touch.Recorded != want {
			t.Errorf("call %d: %+v, %v", i+1, touch, err)
		}
	}
}

func TestNoSessionIsGivenACustomersCart(t *testing.T) { // ASVS 8.2.2
	t.Parallel()
	pool, s := hangCustomers(t)
	exec(t, pool, `INSERT INTO carts (customer_id) VALUES (1)`)
	n := session.NewRecord{ID: session.ID{9}, Handle: "thief", Data: []byte(`{}`), Idle: time.Hour, Absolute: time.Hour,
		Ref: 1}
	if err := s.InsertSession(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateSession(t.Context(), idOf("nobody"), session.Change{Set: []byte(`{}`), Ref: 1}); err != nil {
		t.Fatal(err)
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions WHERE cart_id IS NOT NULL`); n != 0 {
		t.Errorf("%d sessions hold the customer's cart", n)
	}
}

func TestAClosedCartBelongsToNoSessionAnyMore(t *testing.T) { // a product added then would be refused for ever
	t.Parallel()
	pool, s := hangCustomers(t)
	exec(t, pool, `INSERT INTO carts (closed) VALUES (now())`)
	exec(t, pool, `UPDATE sessions SET cart_id = 1 WHERE handle = 'nobody'`)
	if r, found, err := s.FindSession(t.Context(), idOf("nobody")); err != nil || !found || r.Ended != "" ||
		r.Ref != 0 {
		t.Errorf("found %v, cart %d, %v", found, r.Ref, err)
	}
}

func TestASessionHandsItsCartOnOnceAndOnlyWhileItHasNotEnded(t *testing.T) { // ASVS 7.4.1, 15.4.2
	t.Parallel()
	pool, s := hangCustomers(t)
	exec(t, pool, `INSERT INTO carts DEFAULT VALUES`)
	next := func(id byte, replaces string) error {
		return s.InsertSession(t.Context(),
			session.NewRecord{ID: session.ID{id}, Handle: string(rune('a' + id)), Data: []byte(`{}`), Idle: time.Hour,
				Absolute: time.Hour, Ref: 1, Replaces: idOf(replaces)})
	}
	exec(t, pool, `UPDATE sessions SET cart_id = 1, ended = now(), ended_reason = 'forgotten', data = '{}', id_token =
		NULL WHERE handle = 'nobody'`)
	if err := next(1, "nobody"); !errors.Is(err, session.ErrEnded) {
		t.Errorf("a session that has ended: %v", err)
	}
	exec(t, pool, `UPDATE sessions SET ended = NULL, ended_reason = NULL WHERE handle = 'nobody'`)
	if err := next(2, "nobody"); err != nil {
		t.Errorf("the first time: %v", err)
	}
	if err := next(3, "nobody"); !errors.Is(err, session.ErrEnded) {
		t.Errorf("the second time: %v", err)
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions s WHERE cart_id = 1 AND ended IS NULL`); n != 1 {
		t.Errorf("%d sessions hold the cart", n)
	}
}

func TestADatabaseThatDoesNotAnswerIsGivenUpOn(t *testing.T) { // ASVS 16.5.2: every page waits for this statement
	t.Parallel()
	pool, s := hangCustomers(t)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), `LOCK TABLE sessions`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, _, err := s.FindSession(ctx, idOf("a1")); !postgres.Outage(err) || ctx.Err() != nil {
		t.Errorf("%v, want an outage, and soon", err)
	}
}

func TestAnAttemptIsUsedOnceUntilItHasExpired(t *testing.T) { // ASVS 10.1.2, 15.4.2
	t.Parallel()
	pool, s := hangCustomers(t)
	for i, want := range []bool{true, false, false} {
		if first, err := s.UseAttempt(t.Context(), [32]byte{1}, time.Minute); err != nil || first != want {
			t.Errorf("return %d: first %v, %v", i+1, first, err)
		}
		if _, err := s.Sweep(t.Context(), ignoreExpired); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, pool, `UPDATE used_attempts SET expires = now()`)
	if w, err := s.Sweep(t.Context(), ignoreExpired); err != nil || w.Spent != 1 {
		t.Errorf("swept %+v, %v", w, err)
	}
}

func TestSweepLeavesWhatIsStillNeeded(t *testing.T) { // ASVS 14.2.7
	t.Parallel()
	pool, s := hangCustomers(t)
	exec(t, pool, `INSERT INTO used_logout_tokens VALUES ('i', 'needed', now() + interval '1 minute'), ('i', 'spent',
		now())`)
	exec(t, pool, `INSERT INTO logout_marks (issuer, subject, issued, expires) VALUES ('i', 'needed', now(), now() +
		interval '1 minute'), ('i', 'spent', now(), now())`)
	exec(t, pool, `INSERT INTO carts (customer_id, changed) VALUES (1, now() - interval '1 year')`)
	exec(t, pool, `UPDATE sessions SET ended = now() - interval '23 hours', ended_reason = 'revoked', data = '{}',
		id_token = NULL, sweep_after = now() - interval '1 hour' WHERE handle = 'b1'`)
	live := kept(t, pool, "a1")
	w, err := s.Sweep(t.Context(), ignoreExpired)
	if err != nil || w.Spent != 2 || w.Carts != 0 || w.Sessions != 0 || w.Expired != 1 {
		t.Errorf("swept %+v, %v", w, err)
	}
	if n := number(t, pool, `SELECT (SELECT count(*) FROM used_logout_tokens WHERE jti = 'needed') + (SELECT count(*)
		FROM logout_marks WHERE subject = 'needed')`); n != 2 || kept(t, pool, "a1") != live {
		t.Errorf("%d of what is needed is left", n)
	}
}
