package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// NIST 800-63B 5.2: a reauthentication starts both limits anew; the absolute one counts from its
// auth_time.
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
			t.Errorf("got %d sessions used now with %s to %s left, want 1", n, least, most)
		}
	}
	alice.post("/signin", "who=alice")
	left(23*time.Hour+59*time.Minute, 24*time.Hour)
	alice.post("/signin", "who=alice&age=2h")
	left(21*time.Hour+59*time.Minute, 22*time.Hour)
}

// A wrong clock, the provider's or ours, makes no session shorter or longer: only the
// age of the authentication counts, by one clock.
func TestAClockThatIsOffChangesNoLimit(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-10 * 365 * 24 * time.Hour, -time.Hour, time.Hour, 10 * 365 * 24 * time.Hour} {
		s := open(t)
		signIn := s.sessions.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			issued := time.Now().Add(off)
			_, _, err := visitor.SignIn(r.Context(), s.sessions,
				session.Authentication{IssuedAt: issued, AuthTime: issued.Add(-2 * time.Hour)},
				visitor.Work{Identity: customer.Identity{
					Issuer: "https://idp.example", Subject: "alice", Name: "alice"}})
			if err != nil {
				t.Error(err)
			}
		}))
		w := httptest.NewRecorder()
		signIn.ServeHTTP(w, newRequest(t))
		alice := s.browser()
		alice.tag = w.Result().Cookies()[0].Value
		alice.get("/").wants(t, "customer=alice")
		if n := s.count(`SELECT count(*) FROM sessions WHERE absolute_end - statement_timestamp() BETWEEN interval
			'21 hours 59 minutes' AND interval '22 hours'`); n != 1 {
			t.Errorf("a clock off by %s: got %d sessions with 22 hours left, want 1", off, n)
		}
	}
}

func TestAbsoluteLimitCountsFromTheAuthentication(t *testing.T) { // NIST 800-63B 5.2, ASVS 7.6.1
	t.Parallel()
	s := open(t)
	alice := s.browser()
	alice.post("/signin", "who=alice&age=3h")
	if n := s.count(`SELECT count(*) FROM sessions WHERE absolute_end - created BETWEEN interval '20 hours 59 minutes'
		AND interval '21 hours 1 second'`); n != 1 {
		t.Error("21 hours must be left of an authentication 3 hours old")
	}
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
func TestASignInWithoutAuthTimeIsNeverFreshAndEndsInTime(t *testing.T) { // ASVS 7.3.2, 7.5.3
	t.Parallel()
	s := open(t)
	alice := s.browser()
	alice.post("/signin", "who=alice&age=unknown").wants(t, "customer=alice")
	alice.get("/fresh").wants(t, "fresh=false")
	if n := s.count(`SELECT count(*) FROM sessions WHERE auth_time IS NULL AND customer_id IS NOT NULL
		AND absolute_end BETWEEN now() + interval '23 hours 59 minutes' AND now() + interval '24 hours'`); n != 1 {
		t.Errorf("sessions that end a day after the sign-in: got %d, want 1", n)
	}
	alice.post("/signin", "who=alice&age=1m").wants(t, "customer=alice")
	alice.get("/fresh").wants(t, "fresh=true")
}

// The request that signs in knows as much as the next one.
func TestASignInIsDatedInItsOwnRequest(t *testing.T) { // ASVS 7.5.3, NIST 800-63B 5.2
	t.Parallel()
	s := open(t)
	for want, authTime := range map[string]time.Time{
		"fresh=true left=24h0m0s": time.Now(), "fresh=false left=23h0m0s": time.Now().Add(-time.Hour),
		"fresh=false left=24h0m0s": {},
	} {
		s.serve(func(w http.ResponseWriter, r *http.Request) {
			_, _, err := visitor.SignIn(r.Context(), s.sessions,
				session.Authentication{IssuedAt: time.Now(), AuthTime: authTime},
				visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-alice"}})
			info, _ := s.sessions.Info(r.Context())
			fmt.Fprintf(w, "fresh=%v left=%s %v", s.sessions.AuthenticatedWithin(r.Context(), 10*time.Minute),
				info.AbsoluteLeft.Round(time.Hour), err)
		})
		s.browser().get("/").wants(t, want+" <nil>")
	}
}

// An application that checks a password itself knows one time only.
func TestAnAuthenticationIsDatedByWhatIsKnown(t *testing.T) { // NIST 800-63B 5.2
	t.Parallel()
	s := open(t)
	now := time.Now()
	for name, c := range map[string]struct {
		p    session.Authentication
		left string
	}{
		"no IssuedAt":              {session.Authentication{AuthTime: now}, "24h0m0s"},
		"no IssuedAt, an hour old": {session.Authentication{AuthTime: now.Add(-time.Hour)}, "23h0m0s"},
		"AuthTime after IssuedAt":  {session.Authentication{IssuedAt: now, AuthTime: now.Add(time.Hour)}, "24h0m0s"},
	} {
		s.serve(func(w http.ResponseWriter, r *http.Request) {
			_, _, err := visitor.SignIn(r.Context(), s.sessions, c.p,
				visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-alice"}})
			info, _ := s.sessions.Info(r.Context())
			fmt.Fprintf(w, "left=%s most=%v err=%v", info.AbsoluteLeft.Round(time.Minute),
				info.AbsoluteLeft <= info.Absolute, err)
		})
		if a := s.browser().get("/"); a.body != "left="+c.left+" most=true err=<nil>" {
			t.Errorf("%s: got %s, want %s left", name, a.body, c.left)
		}
	}
}
