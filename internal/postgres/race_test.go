package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
)

// signInFrom is a sign-in of a customer of hangCustomers from the session with that handle, into
// one with another.
func signInFrom(subject, old, handle string) session.SignInRecord {
	in := signInOf(subject)
	in.Old, in.NewRecord = idOf(old), session.NewRecord{
		ID: idOf(handle), Handle: handle, LogID: handle, Data: []byte(`{}`), Idle: time.Hour, Absolute: time.Hour,
	}
	return in
}

func mustSignIn(t *testing.T, s *postgres.Store, in session.SignInRecord) {
	t.Helper()
	if _, err := s.SignIn(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func TestASignInInProgressIsRefusedOnceItsSessionWasEndedOnPurpose(t *testing.T) { // ASVS 7.4.1, 7.4.4
	t.Parallel()
	for reason, want := range map[string]error{
		"signed_out": session.ErrSignedOut, "revoked": session.ErrSignedOut, "back_channel": session.ErrSignedOut,
		"forgotten": session.ErrSignedOut,
		"idle":      nil, "absolute": nil, "excess": nil,
	} {
		pool, s := hangCustomers(t)
		exec(t, pool, `UPDATE sessions SET ended = now() - interval '5 s', ended_reason = $1, data = '{}', id_token = NULL
			WHERE handle = 'a1'`, reason)
		for age, want := range map[time.Duration]error{time.Minute: want, time.Second: nil} {
			in := signInFrom("alice", "a1", fmt.Sprint("new", age))
			in.BegunAgo = age
			if _, err := s.SignIn(t.Context(), in); !errors.Is(err, want) {
				t.Errorf("%s 5 s ago, sign-in begun %s ago: got %v, want %v", reason, age, err, want)
			}
		}
	}
}

func TestOfTwoSignInsFromOneSessionOneStays(t *testing.T) { // ASVS 7.2.4, 15.4.2
	t.Parallel()
	pool, s := hangCustomers(t)
	exec(t, pool, `DELETE FROM sessions WHERE handle <> 'nobody'`)
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i, subject := range []string{"alice", "bob"} {
		group.Go(func() {
			in := signInFrom(subject, "nobody", subject)
			in.BegunAgo = time.Minute
			_, errs[i] = s.SignIn(t.Context(), in)
		})
	}
	group.Wait()
	if n := rows(t, pool, `SELECT count(*) FROM sessions s WHERE live(s)`); n != 1 ||
		(errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("got %d sessions and %v, want one", n, errs)
	}
	if !errors.Is(errors.Join(errs...), session.ErrOvertaken) {
		t.Errorf("the second is refused with %v, want ErrOvertaken", errs)
	}
}

func TestSigningInFromATagWhoseAnswerWasLostReplacesTheSessionItWentOnAs(t *testing.T) {
	t.Parallel()
	pool, s := hangCustomers(t)
	mustSignIn(t, s, signInFrom("alice", "a1", "lost"))
	mustSignIn(t, s, signInFrom("bob", "a1", "other")) // who holds an old tag of Alice's ends nothing of hers
	mustSignIn(t, s, signInFrom("alice", "a1", "kept"))
	if got := handles(t, s, postgres.SessionFilter{CustomerID: 1}); !slices.Contains(got, "kept") ||
		slices.Contains(got, "lost") || len(got) != 2 {
		t.Errorf("%v are live, want a2 and the last", got)
	}
	if n := rows(t, pool, `SELECT count(*) FROM sessions s WHERE handle = 'other' AND live(s)`); n != 1 {
		t.Error("bob is not signed in")
	}
}

func TestEndingASessionEndsTheOneItWentOnAs(t *testing.T) { // a sign-out whose tag was replaced while it was on its way
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *postgres.Store) error{
		"sign-out": func(t *testing.T, s *postgres.Store) error {
			return ignore(s.EndSession(t.Context(), idOf("a1")))
		},
		"device": func(t *testing.T, s *postgres.Store) error {
			return ignore(s.EndDevice(t.Context(), 1, "a1", idOf("a2")))
		},
		"operators": func(t *testing.T, s *postgres.Store) error {
			return ignore(s.EndSessions(t.Context(), postgres.SessionTarget{Handle: "a1"}))
		},
	} {
		_, s := hangCustomers(t)
		mustSignIn(t, s, signInFrom("alice", "a1", "second"))
		mustSignIn(t, s, signInFrom("alice", "second", "third"))
		if err := end(t, s); err != nil {
			t.Fatal(err)
		}
		if got := handles(t, s, postgres.SessionFilter{CustomerID: 1}); !slices.Equal(got, []string{"a2"}) {
			t.Errorf("%s: %v are live, want a2", name, got)
		}
	}
}

func TestSigningOutEverywhereElseKeepsWhatOnesOwnSessionWentOnAs(t *testing.T) {
	t.Parallel()
	_, s := hangCustomers(t)
	mustSignIn(t, s, signInFrom("alice", "a1", "mine"))
	if ended, err := s.EndOtherDevices(t.Context(), 1, idOf("a1")); err != nil || len(ended) != 1 {
		t.Errorf("ended %v, %v; want a2", ended, err)
	}
	if ended, err := s.EndDevice(t.Context(), 1, "mine", idOf("a1")); err != nil || len(ended) != 0 {
		t.Errorf("one's own by its new name: ended %v, %v; want none", ended, err)
	}
	if got := handles(t, s, postgres.SessionFilter{CustomerID: 1}); !slices.Equal(got, []string{"mine"}) {
		t.Errorf("%v are live, want the own one", got)
	}
}

func TestSignInsThatSwapCustomersDoNotDeadlock(t *testing.T) {
	t.Parallel()
	_, s := hangCustomers(t)
	browser := []string{"a1", "b1"}
	for round := range 40 {
		var group sync.WaitGroup
		for i := range browser {
			group.Go(func() {
				next := fmt.Sprintf("%d-%d", round, i)
				in := signInFrom([]string{"alice", "bob"}[(round+i+1)%2], browser[i], next)
				if _, err := s.SignIn(t.Context(), in); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
				browser[i] = next
			})
		}
		group.Wait()
	}
}

func TestATransactionThatIsBrokenOffIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	for code, want := range map[string]struct{ tries, fail int }{
		"40P01": {2, 1}, "40001": {2, 1}, "55P03": {1, 1}, "23505": {1, 1}, "40P01 again": {2, 2},
	} {
		tries := 0
		err := postgres.InTx(t.Context(), s, func(tx *postgres.Transaction) error {
			if tries++; tries > want.fail {
				return nil
			}
			_, err := tx.Exec(t.Context(), fmt.Sprintf(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '%s'; END $$`, code[:5]))
			return err
		})
		if tries != want.tries || (err == nil) != (tries > want.fail) {
			t.Errorf("%s: got %d tries and %v, want %d", code, tries, err, want.tries)
		}
	}
}

func TestNoOrderIsPlacedForWhoWasSignedOutDuringSignIn(t *testing.T) { // ASVS 7.4.1, 7.4.2, 8.3.2
	t.Parallel()
	for what, c := range map[string]struct {
		end  string
		want error
	}{
		"live":     {`SELECT`, nil},
		"disabled": {`UPDATE customers SET disabled = now()`, order.ErrSignedOut},
		"revoked":  {`UPDATE sessions SET ended = now(), ended_reason = 'revoked'`, order.ErrSignedOut},
		"idle":     {`UPDATE sessions SET last_used = now() - interval '2 hours'`, order.ErrSignedOut},
		"rotated": {`WITH next AS (INSERT INTO sessions (id, handle, log_id, idle, absolute_end, sweep_after,
		    customer_id, auth_time, issued)
			VALUES (sha256('next'), 'next', '', '1 hour', now() + interval '1 hour', now(), 1, now(), now()) RETURNING id)
			UPDATE sessions SET ended = now(), ended_reason = 'rotated', replaced_by = (SELECT id FROM next)`, nil},
		"another's": {`INSERT INTO customers (issuer, subject) VALUES ('i', 'bob'); UPDATE sessions SET customer_id = 2`,
			order.ErrSignedOut},
	} {
		s, pool := newStore(t)
		putProduct(t, pool, "AAA", 5, 10_00)
		p := review(t, s, pool, "alice", map[string]int{"AAA": 1})
		exec(t, pool, `INSERT INTO sessions (id, handle, log_id, idle, absolute_end, sweep_after, customer_id,
		    auth_time, issued)
			VALUES (sha256('first'), 'first', '', '1 hour', now() + interval '1 hour', now(), 1, now(), now())`)
		exec(t, pool, c.end)
		p.Session = "first"
		if _, err := s.PlaceOrder(t.Context(), p); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", what, err, c.want)
		}
		if n := rows(t, pool, `SELECT count(*) FROM orders`); (n == 1) != (c.want == nil) {
			t.Errorf("%s: %d orders", what, n)
		}
	}
}

func TestTheLastUseNeverGoesBack(t *testing.T) { // though the database's clock may, after a failover
	t.Parallel()
	pool, s := hangCustomers(t)
	exec(t, pool, `UPDATE sessions SET last_used = now() + interval '10 minutes'`)
	before := kept(t, pool, "a1")
	if _, err := s.UpdateSession(t.Context(), idOf("a1"), session.Change{Set: []byte(`{}`)}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.TouchSession(t.Context(), idOf("a1"), ""); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, pool,
		`SELECT count(*) FROM sessions WHERE handle = 'a1' AND last_used > now() + interval '9 minutes'`); n != 1 {
		t.Errorf("the last use went back: %s, was %s", kept(t, pool, "a1"), before)
	}
}

func TestUsesAndCartChangesUpdateTheRowInPlace(t *testing.T) {
	t.Parallel()
	config, err := pgxpool.ParseConfig(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 1 // whose statistics are asked for at the end
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := postgres.New(pool)
	putProduct(t, pool, "AAA", 1000, 1_00)
	hang(t, pool, 1, "1 minute", "NULL")
	guest, _, err := s.AddLine(t.Context(), cart.Owner{}, "AAA", 1)
	if err != nil {
		t.Fatal(err)
	}
	var id []byte
	if err := pool.QueryRow(t.Context(), `SELECT id FROM sessions`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	for i := range 100 { // uses a minute apart, and changes of the cart
		if _, err := s.UpdateSession(t.Context(), session.ID(id),
			session.Change{Set: []byte(fmt.Sprintf(`{"a": "%d"}`, i))}); err != nil {
			t.Fatal(err)
		}
		if err := s.SetLine(t.Context(), cart.Owner{CartID: guest}, "AAA", 1+i%2); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, pool, `SELECT pg_stat_force_next_flush()`)
	for table, least := range map[string]int{"sessions": 80, "carts": 90} {
		percent := number(t, pool,
			`SELECT (100 * n_tup_hot_upd / n_tup_upd)::int FROM pg_stat_user_tables WHERE relname = $1`, table)
		if percent < least {
			t.Errorf("%d %% of the updates of %s are in place (HOT), want at least %d", percent, table, least)
		}
	}
}
