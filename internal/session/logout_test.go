package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// logout is the logout token that names what a test wants to end.
func logout(jti, subject, sid string, issued time.Time) session.Logout {
	return session.Logout{Issuer: "https://idp.example", Subject: subject, SID: sid, TokenID: jti, IssuedAt: issued,
		Keep: time.Minute}
}

func TestProviderEndsTheSessionsItNames(t *testing.T) { // OIDC Back-Channel Logout 1.0, 2.7; X-13
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		token session.Logout
		out   [4]bool // alice on sid 1, alice on sid 2, bob on sid 3, alice by an ID token that named no sid
	}{
		"one sid": {logout("j", "", "sid-1", now), [4]bool{true, false, false, false}},
		"subject": {logout("j", "sub-alice", "", now.Add(time.Hour)),
			[4]bool{true, true, false, true}},
		"the other subject": {logout("j", "sub-bob", "", now.Add(time.Hour)),
			[4]bool{false, false, true, false}},
		"subject, issued before": {logout("j", "sub-alice", "", now.Add(-time.Hour)), [4]bool{}},
		"both": {logout("j", "sub-alice", "sid-2", now.Add(time.Hour)),
			[4]bool{false, true, false, true}},
		"both, issued before": {logout("j", "sub-alice", "sid-2", now.Add(-time.Hour)),
			[4]bool{false, true, false, false}},
		"sid of another": {logout("j", "sub-bob", "sid-1", now.Add(time.Hour)), [4]bool{}},
		"unknown":        {logout("j", "", "sid-9", now.Add(time.Hour)), [4]bool{}},
		"unknown, of the subject": {logout("j", "sub-alice", "sid-9", now.Add(time.Hour)),
			[4]bool{false, false, false, true}},
		"another issuer's sid": {session.Logout{Issuer: "https://other.example", SID: "sid-1", TokenID: "j",
			IssuedAt: now}, [4]bool{}},
		"another issuer's subject": {session.Logout{Issuer: "https://other.example", Subject: "sub-alice", TokenID: "j",
			IssuedAt: now.Add(time.Hour)}, [4]bool{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			var who [4]*browser
			for i, form := range []string{
				"who=alice&sid=sid-1", "who=alice&sid=sid-2", "who=bob&sid=sid-3", "who=alice"} {
				who[i] = s.browser()
				who[i].post("/signin", form)
			}
			if _, err := postgres.New(s.pool).EndByProvider(t.Context(), c.token); err != nil {
				t.Fatal(err)
			}
			for i, b := range who {
				if out := strings.Contains(b.get("/why").body, "reason=back_channel"); out != c.out[i] {
					t.Errorf("session %d out: %v, want %v", i+1, out, c.out[i])
				}
			}
		})
	}
}

func TestALogoutTokenCountsOnce(t *testing.T) { // X-12, Back-Channel Logout 2.6 (8)
	t.Parallel()
	s := open(t)
	store := postgres.New(s.pool)
	token := logout("once", "sub-alice", "", time.Now().Add(time.Minute))
	if _, err := store.EndByProvider(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	s.exec(`DELETE FROM logout_marks`)
	alice := s.signedIn("alice")
	if _, err := store.EndByProvider(t.Context(), token); !errors.Is(err, session.ErrReplayed) {
		t.Errorf("a second time: %v, want ErrReplayed", err)
	}
	alice.get("/").wants(t, "customer=alice")
}

func TestALogoutDuringSignInWins(t *testing.T) { // whichever comes first, the end is signed out
	t.Parallel()
	s := open(t)
	store := postgres.New(s.pool)
	for i := range 20 {
		sid := fmt.Sprintf("race-%d", i)
		alice := s.browser()
		done := make(chan error)
		go func() {
			// The ID token was issued before the logout, whenever either arrives here.
			_, err := store.EndByProvider(t.Context(), logout(sid, "sub-alice", sid, time.Now().Add(time.Minute)))
			done <- err
		}()
		alice.post("/signin", "who=alice&sid="+sid+"&issued="+time.Now().Add(-2*time.Second).Format(time.RFC3339))
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if a := alice.get("/"); a.status != http.StatusOK || strings.Contains(a.body, "customer=alice") {
			t.Fatalf("round %d: got alice signed in, want signed out", i)
		}
	}
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
