package postgres_test

import (
	"errors"
	"testing"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/session"
)

func TestTheNumberOfSessionsCountsOnesOwnLiveOnes(t *testing.T) { // ASVS 7.1.2
	t.Parallel()
	pool, s := hangCustomers(t)
	in := signInOf("alice")
	in.PerCustomer = 3 // a1, a2 and the new one; a3 idled out
	if _, err := s.SignIn(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions WHERE ended_reason = 'excess'`); n != 0 {
		t.Errorf("%d sessions ended, though there are no more than three live ones", n)
	}
	in.ID, in.Handle, in.PerCustomer = session.ID{3}, "newest", 1
	if _, err := s.SignIn(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions s WHERE live(s) AND handle IN ('newest', 'b1', 'nobody')`); n != 3 {
		t.Errorf("of the newest, another customer's and a stranger's session %d live", n)
	}
	if n := number(t, pool, `SELECT count(*) FROM sessions s WHERE live(s) AND customer_id = 1`); n != 1 {
		t.Errorf("%d live, want 1", n)
	}
}

func TestASessionThatIdledOutMeanwhileHandsNoCartToASignIn(t *testing.T) { // ASVS 7.3.1, 7.4.1
	t.Parallel()
	pool, s := hangCustomers(t)
	putProduct(t, pool, "AAA", 9, 100)
	guest := fill(t, s, cart.Owner{}, map[string]int{"AAA": 2})
	exec(t, pool, `UPDATE sessions SET cart_id = $1, last_used = now() - interval '31 minutes' WHERE handle = 'nobody'`, guest)
	in := signInOf("bob")
	in.Old = idOf("nobody")
	done, err := s.SignIn(t.Context(), in)
	if err != nil || done.Units != 0 {
		t.Errorf("%d units, %v; the cart was another visitor's by then", done.Units, err)
	}
	exec(t, pool, `UPDATE sessions SET last_used = now() WHERE handle = 'nobody'`)
	in.NewRecord = session.NewRecord{ID: session.ID{3}, Handle: "newest", Data: []byte(`{}`), Idle: time.Hour, Absolute: time.Hour}
	if done, err = s.SignIn(t.Context(), in); err != nil || done.Units != 2 {
		t.Errorf("a live one: %d units, %v; want 2", done.Units, err)
	}
}

func TestALogoutIsHeldAgainstASignInThatWasUnderWay(t *testing.T) {
	t.Parallel()
	for what, logout := range map[string]session.Logout{
		"the provider's session": {Issuer: "https://id.example", SID: "sid", TokenID: "jti", IssuedAt: time.Now(), Keep: time.Hour},
		"all of the subject's":   {Issuer: "https://id.example", Subject: "alice", TokenID: "jti", IssuedAt: time.Now().Add(time.Second), Keep: time.Hour},
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
	}
}
