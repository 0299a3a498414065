package session_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

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
		t.Errorf("a new e-mail makes customer %d of %d", again, alice)
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

// NIST 800-63B 5.2: a reauthentication starts both limits anew, an old one only as far as it is
// fresh.
func TestReauthenticationStartsBothLimitsAnew(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	for range 21 { // seven hours
		s.pass(20 * time.Minute)
		alice.get("/").wants(t, "customer=alice")
	}
	left := func(least, most time.Duration) {
		t.Helper()
		if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s) AND absolute_end - statement_timestamp() 
			BETWEEN $1 AND $2 AND last_used > statement_timestamp() - interval '1 minute'`, least, most); n != 1 {
			t.Errorf("between %s and %s must be left, and the use must be now", least, most)
		}
	}
	alice.post("/signin", "who=alice")
	left(23*time.Hour+59*time.Minute, 24*time.Hour)
	alice.post("/signin", "who=alice&age=2h")
	left(21*time.Hour+59*time.Minute, 22*time.Hour)
}

// CS-3: an id that we signed but never gave to a living session is not taken over; the
// browser gets a new one.
func TestATagWithoutASessionIsNeverAdopted(t *testing.T) {
	t.Parallel()
	s := open(t)
	token := strings.Repeat("A", 43)
	for _, path := range []string{"/cart", "/put", "/signin"} {
		visitor := s.browser()
		visitor.tag = mustRing(t).Sign(keyring.Tag, token)
		a := visitor.post(path, "key=a&value=1&who=alice")
		if a.status != http.StatusOK || a.tag == nil || strings.Contains(a.tag.Value, token) {
			t.Errorf("%s: %d, tag %v; want a new one", path, a.status, a.tag)
		}
	}
}

// CS-22: one name follows a session through the log from its begin to its end. It is not
// the row's key, and cannot be derived from it without our key.
func TestOneNameFollowsASessionThroughTheLog(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *session.Config) { c.Limits.PerOwner = 2 })
	third := s.signedIn("alice")
	second, first := s.signedIn("alice"), s.anonymous()
	first.post("/signin", "who=alice") // the anonymous session goes on, and the third is one too many
	first.post("/devices/end", "handle="+second.get("/handle").body)
	first.post("/signin", "who=bob") // alice is signed out
	first.post("/logout", "")
	third.get("/").wants(t, "customer= ") // a use after the end
	born, ended := s.events.names("session_created"), s.events.names("session_ended")
	if len(born) != 5 || len(ended) != 5 ||
		!slices.Equal(slices.Sorted(slices.Values(born)), slices.Sorted(slices.Values(ended))) {
		t.Errorf("begun %q, ended %q; want the same five names", born, ended)
	}
	for why, name := range map[session.Reason]string{session.Excess: born[0], session.Revoked: born[1],
		session.Rotated: born[2], session.SignedOut: born[3]} {
		if !slices.Contains(s.events.events, session.Event{Name: "session_ended", LogID: name, Reason: why}) {
			t.Errorf("want %s logged as ended by %s, got %+v", name, why, s.events.events)
		}
	}
	if late := s.events.names("session_use_after_expire"); len(late) != 1 || late[0] != born[0] {
		t.Errorf("uses after the end: got %q, want %q", late, born[0])
	}
	rows, err := s.pool.Query(t.Context(), `SELECT id, log_id FROM sessions`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		var name string
		if err := rows.Scan(&id, &name); err != nil || name == "" || strings.Contains(hex.EncodeToString(id), name) {
			t.Errorf("%x is called %q in the log (%v)", id, name, err)
		}
	}
}

// names returns the log ids of the sessions with an event, in order.
func (r *recorder) names(event string) (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Name == event {
			names = append(names, e.LogID)
		}
	}
	return names
}
