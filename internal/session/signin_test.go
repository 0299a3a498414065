package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

func TestSignInChangesTheTagAndTheOldOneIsDead(t *testing.T) { // ASVS 7.2.4, NIST 800-63B 5.1, WSTG-SESS-03
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	planted := visitor.copy()
	visitor.post("/signin", "who=alice").wants(t, "customer=alice")
	if visitor.tag == planted.tag {
		t.Fatal("the tag is the same")
	}
	planted.get("/").wants(t, "customer= ", "cart=0 ")
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended_reason = 'rotated'`); n != 1 {
		t.Errorf("%d rotated tombstones, want 1", n)
	}
}

func TestOnlyTheCartComesAlong(t *testing.T) { // S-3, WSTG-SESS-08: stock scs keeps every value
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	visitor.post("/put", "key=a&value=planted")
	visitor.post("/signin", "who=alice").wants(t, "a= ")
	visitor.get("/").wants(t, "a= ")
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s) AND data = '{}'`); n != 1 {
		t.Error("something was carried over")
	}
	if n := s.count(`SELECT count(*) FROM carts WHERE closed IS NULL AND customer_id IS NULL`); n != 0 {
		t.Error("the anonymous cart is still open")
	}
}

func TestFailedSignInKeepsTagAndCart(t *testing.T) { // stock scs: the old session is deleted first
	t.Parallel()
	s := open(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, signIn: func() error { return errors.New("no") }}
	}))
	visitor := s.anonymous()
	a := visitor.post("/signin", "who=alice")
	if a.status != http.StatusServiceUnavailable {
		t.Fatalf("status %d, want 503", a.status)
	}
	a.leavesTag(t)
	visitor.get("/").wants(t, "customer= ", "cart=1 ")
}

// ASVS 2.3.3: also when a page says so, which is no failure
func TestAFailedSignInLeavesTheSessionsValues(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.signedIn("alice")
	s.exec(`UPDATE customers SET disabled = now()`)
	guest := s.anonymous()
	guest.post("/put", "key=a&value=kept")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		_, _, err := visitor.SignIn(r.Context(), s.sessions,
			session.Authentication{IssuedAt: time.Now(), AuthTime: time.Now()},
			visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-alice"}})
		if !errors.Is(err, customer.ErrDisabled) {
			t.Errorf("%v, want ErrDisabled", err)
		}
		w.WriteHeader(http.StatusForbidden)
	})
	guest.get("/").leavesTag(t)
	if n := s.count(
		`SELECT count(*) FROM sessions WHERE data->>'a' = 'kept' AND cart_id IS NOT NULL AND ended IS NULL`); n != 1 {
		t.Error("the failed sign-in changed the visitor's session")
	}
}

// A handler that signs in twice has a fault: the second time is refused, and the first one holds.
func TestASecondSignInInOneRequestIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	guest := s.browser()
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		for _, want := range []error{nil, session.ErrBegun} {
			_, _, err := visitor.SignIn(r.Context(), s.sessions, session.Authentication{},
				visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-alice", Name: "alice"}})
			if !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
	})
	if a := guest.get("/"); a.tag == nil || a.tag.MaxAge < 0 {
		t.Errorf("tag: got %v, want that of the first sign-in", a.tag)
	}
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 1 {
		t.Errorf("got %d live sessions, want 1", n)
	}
}

func TestASignInAfterASessionHasBegunIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		insert := func(context.Context, session.NewRecord) (int64, error) { return 0, nil }
		if err := s.sessions.Begin(r.Context(), insert); err != nil {
			t.Error(err)
		}
		_, err := s.sessions.SignIn(r.Context(), session.Authentication{})
		fmt.Fprint(w, err)
	})
	s.browser().get("/").wants(t, session.ErrBegun.Error())
}

func TestSigningInAgainRotates(t *testing.T) { // ASVS 7.2.4: re-authentication too
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	old := alice.copy()
	alice.post("/signin", "who=alice")
	old.get("/why").wants(t, "reason=rotated")
	alice.get("/").wants(t, "customer=alice")
	if !s.events.saw(session.EventEnded, session.Rotated) || s.events.saw(session.EventEnded, session.SignedOut) {
		t.Errorf("got %+v, want the old session ended as rotated", s.events.events)
	}
}

func TestSigningInAsSomebodyElseMergesNothing(t *testing.T) { // product row 9
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	old := alice.copy()
	s.exec(`INSERT INTO carts (customer_id) SELECT id FROM customers`)
	alice.post("/signin", "who=bob").wants(t, "customer=bob")
	old.get("/why").wants(t, "reason=signed_out")
	if n := s.count(`SELECT count(*) FROM carts k JOIN customers c ON c.id = k.customer_id WHERE c.name = 'alice' AND
		k.closed IS NULL`); n != 1 {
		t.Error("alice's cart is gone")
	}
}

func TestOldestSessionBeyondTheNumberEnds(t *testing.T) { // ASVS 7.1.2
	t.Parallel()
	s := open(t)
	devices := make([]*browser, 11)
	for i := range devices {
		devices[i] = s.signedIn("alice")
	}
	devices[0].get("/why").wants(t, "reason=excess")
	for i, d := range devices[1:] {
		if a := d.get("/"); a.status != http.StatusOK {
			t.Errorf("device %d: got %d, want 200", i+1, a.status)
		} else {
			a.wants(t, "customer=alice")
		}
	}
}

func TestADisabledCustomerIsNotLetIn(t *testing.T) { // ASVS 7.4.2
	t.Parallel()
	s := open(t)
	s.exec(`INSERT INTO customers (issuer, subject, disabled) VALUES ('https://idp.example', 'sub-alice', now())`)
	visitor := s.anonymous()
	a := visitor.post("/signin", "who=alice")
	a.wants(t, "disabled")
	a.leavesTag(t)
	visitor.get("/").wants(t, "cart=1 ")
}

func TestLateTagMaySignInAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.end("revoked")
	alice.post("/signin", "who=alice").wants(t, "customer=alice")
	alice.get("/").wants(t, "customer=alice")
}

// ASVS 6.8.1, 10.5.2: issuer and subject make a customer, letter for letter; e-mail and name make
// none and change none.
func TestOnlyIssuerAndSubjectMakeACustomer(t *testing.T) {
	t.Parallel()
	s := open(t)
	store := postgres.New(s.pool)
	n := 0
	signIn := func(issuer, subject, email string) int64 {
		t.Helper()
		n++
		done, err := store.SignIn(t.Context(), session.SignInRecord{
			NewRecord: session.NewRecord{ID: session.ID{byte(n)}, Handle: fmt.Sprint(n), Data: []byte(`{}`),
				Idle: time.Hour, Absolute: time.Hour},
			Issuer: issuer, Subject: subject, IssuedAt: time.Now(), PerOwner: 10,
			Work: visitor.Work{Identity: customer.Identity{Issuer: issuer, Subject: subject, Name: "Alice",
				Email: email, EmailVerified: true}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return done.Owner
	}
	alice := signIn("https://idp.example", "alice", "alice@example.test")
	if again := signIn("https://idp.example", "alice", "moved@example.test"); again != alice {
		t.Errorf("a new e-mail: got customer %d, want %d", again, alice)
	}
	seen := []int64{alice}
	for _, other := range [][2]string{{"https://idp.example", "bob"}, {"https://other.example", "alice"},
		{"https://idp.example/", "alice"}, {"https://idp.example", "Alice"}, {"https://idp.example", "alice "}} {
		id := signIn(other[0], other[1], "alice@example.test")
		if slices.Contains(seen, id) {
			t.Errorf("%q is customer %d, want another customer", other, id)
		}
		seen = append(seen, id)
	}
	if _, err := s.pool.Exec(t.Context(),
		`INSERT INTO customers (issuer, subject) VALUES ('https://idp.example', 'alice')`); err == nil {
		t.Error("the database takes the same issuer and subject twice")
	}
}
