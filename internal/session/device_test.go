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

func TestDevicesAreTheCustomersLiveSessions(t *testing.T) { // ASVS 7.5.2
	t.Parallel()
	s := open(t)
	first, second := s.signedIn("alice"), s.signedIn("alice")
	s.signedIn("bob")
	s.signedIn("alice").post("/logout", "")
	lines := strings.Split(strings.TrimSpace(second.get("/devices").body), "\n")
	if len(lines) != 2 || !strings.Contains(strings.Join(lines, "\n"), "current") ||
		strings.Contains(second.get("/devices").body, strings.Split(first.tag, ".")[1]) {
		t.Errorf("devices:\n%s", strings.Join(lines, "\n"))
	}
}

func TestAnEndedDeviceIsOutOnItsNextRequest(t *testing.T) { // ASVS 7.5.2, 7.4.1
	t.Parallel()
	s := open(t)
	first, second, bob := s.signedIn("alice"), s.signedIn("alice"), s.signedIn("bob")
	handle := first.get("/handle").body
	bob.post("/devices/end", "handle="+handle).wants(t, "found=false")
	first.post("/devices/end", "handle="+handle).wants(t, "found=false")
	second.post("/devices/end", "handle="+handle).wants(t, "found=true")
	first.get("/why").wants(t, "reason=revoked")
	second.post("/devices/end", "handle="+handle).wants(t, "found=false")
	s.browser().post("/devices/end", "handle="+second.get("/handle").body).wants(t, "found=false")
	second.get("/").wants(t, "customer=alice")
}

func TestNobodySignedInHasNoDevicesToLookFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, b := range map[string]*browser{"a stranger": s.browser(), "a visitor": s.anonymous()} {
		page, _ := s.sql.since(func() { b.get("/") })
		listed, _ := s.sql.since(func() { b.get("/devices") })
		ended, _ := s.sql.since(func() { b.post("/devices/end-others", "").wants(t, "ended=0 <nil>") })
		one, _ := s.sql.since(func() { b.post("/devices/end", "handle=AAAAAAAA").wants(t, "found=false <nil>") })
		if listed != page || ended != page || one != page {
			t.Errorf("%s: %d, %d and %d statements, want %d as for any page", name, listed, ended, one, page)
		}
	}
}

func TestOnlyWhatLooksLikeOneIsAHandle(t *testing.T) { // ASVS 2.2.1
	t.Parallel()
	const handle = "AAAAAAAAAAAAAAAAAAAAAA"
	for text, want := range map[string]bool{handle: true, "": false, handle[1:]: false, handle + "A": false, handle +
		"AAAA": false, handle + "=": false, handle + "!": false, handle + "\n": false, handle[:20] + "\n\n": false,
		handle[:21] + "B": false} {
		if session.ValidHandle(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}

func TestEndingTheOthersKeepsThisOne(t *testing.T) { // ASVS 7.4.3, 7.5.2; S-2: stock scs ends none and says nothing
	t.Parallel()
	s := open(t)
	a, b, c, bob := s.signedIn("alice"), s.signedIn("alice"), s.signedIn("alice"), s.signedIn("bob")
	b.post("/devices/end-others", "").wants(t, "ended=2")
	a.get("/why").wants(t, "reason=revoked")
	c.get("/why").wants(t, "reason=revoked")
	b.get("/").wants(t, "customer=alice")
	bob.get("/").wants(t, "customer=bob")
}

func TestFreshnessCountsFromTheAuthentication(t *testing.T) { // ASVS 7.5.3, 7.6.1
	t.Parallel()
	s := open(t)
	alice := s.browser()
	alice.post("/signin", "who=alice&age=6m")
	alice.get("/fresh").wants(t, "fresh=false")
	alice.post("/signin", "who=alice&age=1m")
	alice.get("/fresh").wants(t, "fresh=true")
	s.exec(`UPDATE sessions SET auth_time = auth_time - interval '5 minutes'`)
	alice.get("/fresh").wants(t, "fresh=false")
	s.browser().get("/fresh").wants(t, "fresh=false")
}

// If the provider does not say when it authenticated a customer, the sign-in is not fresh, and the
// absolute limit counts from the sign-in.
func TestAnUndatedSignInIsNeverFreshAndEndsInTime(t *testing.T) { // ASVS 7.3.2, 7.5.3
	t.Parallel()
	s := open(t)
	alice := s.browser()
	alice.post("/signin", "who=alice&age=unknown").wants(t, "customer=alice")
	alice.get("/fresh").wants(t, "fresh=false")
	if n := s.count(`SELECT count(*) FROM sessions WHERE auth_time IS NULL AND customer_id IS NOT NULL
		AND absolute_end BETWEEN now() + interval '23 hours 59 minutes' AND now() + interval '24 hours'`); n != 1 {
		t.Errorf("%d sessions end a day after the sign-in", n)
	}
	alice.post("/signin", "who=alice&age=1m").wants(t, "customer=alice")
	alice.get("/fresh").wants(t, "fresh=true")
}

func TestProviderEndsTheSessionsItNames(t *testing.T) { // OIDC Back-Channel Logout 1.0, 2.7; X-13
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		token session.Logout
		out   [4]bool // alice on sid 1, alice on sid 2, bob on sid 3, alice by an ID token that named no sid
	}{
		"one sid": {logout("j", "", "sid-1", now), [4]bool{true, false, false, false}},
		"subject": {logout("j", "sub-alice", "", now.Add(time.Minute)),
			[4]bool{true, true, false, true}},
		"the other subject": {logout("j", "sub-bob", "", now.Add(time.Minute)),
			[4]bool{false, false, true, false}},
		"subject, issued before": {logout("j", "sub-alice", "", now.Add(-time.Hour)), [4]bool{}},
		"both": {logout("j", "sub-alice", "sid-2", now.Add(time.Minute)),
			[4]bool{false, true, false, true}},
		"both, issued before": {logout("j", "sub-alice", "sid-2", now.Add(-time.Hour)),
			[4]bool{false, true, false, false}},
		"sid of another": {logout("j", "sub-bob", "sid-1", now.Add(time.Minute)), [4]bool{}},
		"unknown":        {logout("j", "", "sid-9", now.Add(time.Minute)), [4]bool{}},
		"unknown, of the subject": {logout("j", "sub-alice", "sid-9", now.Add(time.Minute)),
			[4]bool{false, false, false, true}},
		"another issuer's sid": {session.Logout{Issuer: "https://other.example", SID: "sid-1", TokenID: "j",
			IssuedAt: now}, [4]bool{}},
		"another issuer's subject": {session.Logout{Issuer: "https://other.example", Subject: "sub-alice", TokenID: "j",
			IssuedAt: now.Add(time.Minute)}, [4]bool{}},
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
			t.Fatalf("round %d: still signed in", i)
		}
	}
}
