package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
)

func TestSignInChangesTheTagAndTheOldOneIsDead(t *testing.T) { // ASVS 7.2.4, NIST 800-63B 5.1, WSTG-SESS-03
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	planted := visitor.wearing()
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

func TestSigningInAgainRotates(t *testing.T) { // ASVS 7.2.4: re-authentication too
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	old := alice.wearing()
	alice.post("/signin", "who=alice")
	old.get("/why").wants(t, "reason=rotated")
	alice.get("/").wants(t, "customer=alice")
}

func TestSigningInAsSomebodyElseMergesNothing(t *testing.T) { // product row 9
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	old := alice.wearing()
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
			t.Errorf("device %d: %d", i+1, a.status)
		} else {
			a.wants(t, "customer=alice")
		}
	}
}

func TestParallelSignInsOfOneCustomerLeaveOneCustomerAndEverySession(t *testing.T) { // ASVS 15.4.2
	t.Parallel()
	s := open(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { s.signedIn("alice").get("/").wants(t, "customer=alice") })
	}
	wait.Wait()
	if c, n := s.count(`SELECT count(*) FROM customers`),
		s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); c != 1 || n != 8 {
		t.Errorf("%d customers, %d sessions; want 1 and 8", c, n)
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

func TestALogoutDuringSignInStopsTheSignIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mark string
		want string
	}{
		"this sid":               {`(NULL, 'sid-1', now() + interval '1 minute')`, "signed out"},
		"this sid and subject":   {`('sub-alice', 'sid-1', now() + interval '1 minute')`, "signed out"},
		"this sid, earlier":      {`(NULL, 'sid-1', now() - interval '1 minute')`, "customer=alice"},
		"both, earlier":          {`('sub-alice', 'sid-1', now() - interval '1 minute')`, "customer=alice"},
		"this subject, later":    {`('sub-alice', NULL, now() + interval '1 minute')`, "signed out"},
		"this subject, earlier":  {`('sub-alice', NULL, now() - interval '1 minute')`, "customer=alice"},
		"another sid":            {`('sub-alice', 'sid-2', now() + interval '1 minute')`, "customer=alice"},
		"another's subject":      {`('sub-bob', 'sid-1', now() + interval '1 minute')`, "customer=alice"},
		"another's, all of them": {`('sub-bob', NULL, now() + interval '1 minute')`, "customer=alice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.exec(fmt.Sprintf(`INSERT INTO logout_marks (issuer, subject, sid, issued, expires)
				SELECT 'https://idp.example', m.*, now() + interval '1 hour'
				FROM (VALUES %s) m (subject, sid, issued)`, c.mark))
			s.browser().post("/signin", "who=alice&sid=sid-1&issued="+
				time.Now().Add(-2*time.Second).Format(time.RFC3339)).wants(t, c.want)
		})
	}
}

// it cannot be distinguished from the one that was meant
func TestALogoutOfOneOfTheSubjectsSessionsStopsASignInThatNamesNone(t *testing.T) {
	t.Parallel()
	for mark, want := range map[string]string{
		`('sub-alice', 'sid-2', now() + interval '1 minute')`: "signed out",
		`('sub-alice', 'sid-2', now() - interval '1 minute')`: "customer=alice",
		`('sub-bob', 'sid-2', now() + interval '1 minute')`:   "customer=alice",
		`(NULL, 'sid-2', now() + interval '1 minute')`:        "customer=alice",
	} {
		s := open(t)
		s.exec(`INSERT INTO logout_marks (issuer, subject, sid, issued, expires)
			SELECT 'https://idp.example', m.*, now() + interval '1 hour'
			FROM (VALUES ` + mark + `) m (subject, sid, issued)`)
		if a := s.browser().post("/signin", "who=alice"); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s, want %q in it", mark, a.body, want)
		}
	}
}

func TestLateTagMaySignInAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.end("revoked")
	alice.post("/signin", "who=alice").wants(t, "customer=alice")
	alice.get("/").wants(t, "customer=alice")
}

// pastBothLimits is a change of an anonymous session whose absolute limit struck first.
const pastBothLimits = "created = created - interval '100 days', last_used = last_used - interval '31 days', " +
	"absolute_end = created - interval '10 days'"

// The cart of a session past its absolute limit goes on under a new tag; so it does into a sign-in,
// but not past the idle limit.
func TestASignInPastTheAnonymousAbsoluteLimitKeepsTheCart(t *testing.T) {
	t.Parallel()
	for change, left := range map[string]int{"absolute_end = created + interval '1 microsecond'": 0,
		"last_used = last_used - interval '31 days'": 1, pastBothLimits: 1} {
		s := open(t)
		visitor := s.anonymous()
		s.exec(`UPDATE sessions SET ` + change)
		visitor.post("/signin", "who=alice").wants(t, "customer=alice")
		if n := s.count(`SELECT count(*) FROM carts WHERE customer_id IS NULL AND closed IS NULL`); n != left {
			t.Errorf("%s: %d carts are left behind, want %d", change, n, left)
		}
		if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 1 {
			t.Errorf("%s: %d sessions are live", change, n)
		}
	}
}

func TestACartGoesOnUnderNoNewTagPastTheIdleLimit(t *testing.T) { // ASVS 7.3.1
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	s.exec(`UPDATE sessions SET ` + pastBothLimits)
	visitor.get("/").wants(t, "cart=0 ")
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 0 {
		t.Errorf("%d sessions are live, want none", n)
	}
}
