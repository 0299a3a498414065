package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// A provider's clock that is off, or ours, shortens nobody's session and lengthens none: only the
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
			t.Errorf("a clock off by %s: 22 hours must be left of an authentication two hours old", off)
		}
	}
}

// Removing a key makes the ID tokens it sealed unreadable: signing out still works, without a wrong
// ID token.
func TestSigningOutWorksWithoutTheKeyThatSealedTheIDToken(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	both, young := s.replica(withKeys(secondKey, firstKey)), s.replica(withKeys(secondKey))
	moved := both.browser()
	moved.tag = alice.tag
	moved.get("/").wants(t, "customer=alice") // and is signed again
	later := young.browser()
	later.tag = moved.tag
	later.post("/logout", "").wants(t, "hint= err=<nil>")
	alice.get("/").wants(t, "customer= ")
}

// A key that comes back finds its sessions as they were; while it was away nothing was ended and
// nothing begun.
func TestAKeyThatWasAwayFindsItsSessionsAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice, visitor := s.signedIn("alice"), s.anonymous()
	away := s.replica(withKeys(secondKey))
	for _, b := range []*browser{alice, visitor} {
		stranger := away.browser()
		stranger.tag = b.tag
		a := stranger.get("/")
		a.wants(t, "customer= ", "cart=0 ")
		a.leavesTag(t)
	}
	alice.get("/").wants(t, "customer=alice")
	visitor.get("/").wants(t, "cart=1 ")
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 2 {
		t.Errorf("%d live sessions, want two", n)
	}
}

// What a browser says of itself is kept bounded and printable, and decides nothing (63B 5.3, ASVS
// 16.4.1).
func TestWhatABrowserSaysOfItselfIsBoundedAndDecidesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.browser()
	alice.send("POST", "/signin", "who=alice", "User-Agent", strings.Repeat("\t\u202ex", 3000))
	if n := s.count(
		`SELECT count(*) FROM sessions
			WHERE length(user_agent) BETWEEN 1 AND 200 AND user_agent ~ '^[ -~]+$'`); n != 1 {
		t.Error("the row holds the User-Agent unchanged")
	}
	alice.send("GET", "/", "", "User-Agent", "another one").wants(t, "customer=alice")
	alice.send("GET", "/", "", "User-Agent", "").wants(t, "customer=alice")
}

// ASVS 8.2.4, CS-21: a tag used in another browser is logged once, decides nothing, and costs no
// extra write.
func TestATagUsedInAnotherBrowserIsLogged(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	use := func(browser string) { alice.send("GET", "/", "", "User-Agent", browser).wants(t, "customer=alice") }
	for _, browser := range []string{"first", "first", "second", "second"} {
		s.pass(2 * time.Minute)
		use(browser)
	}
	if n := s.events.count("session_browser_changed"); n != 2 { // from the test's own to the first, and to the second
		t.Errorf("logged %d times, want twice", n)
	}
	if _, writes := s.sql.since(func() { use("third") }); writes != 0 {
		t.Errorf("%d writes for a use that is not recorded", writes)
	}
	alice.send("POST", "/put", "key=a&value=b", "User-Agent", "fourth")
	if n := s.events.count("session_browser_changed"); n != 3 {
		t.Errorf("logged %d times, want a change logged too", n)
	}
	visitor := s.anonymous()
	s.pass(2 * time.Minute)
	visitor.send("GET", "/", "", "User-Agent", "first")
	if n := s.events.count("session_browser_changed"); n != 3 {
		t.Error("an anonymous session was logged")
	}
}

// CS-5, CS-20: whatever the tag holds, a guess costs the database nothing, also at the lengths
// where a parser could stumble.
func TestGuessesOfEveryLengthCostNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	good := s.signedIn("alice").tag
	guesses := []string{"", ".", "..", "...", strings.Repeat(".", 1000), good + ".", "." + good, good + "=",
		good[:len(good)-1], good[1:], strings.ToUpper(good)}
	for n := range 12 {
		guesses = append(guesses, strings.Repeat("A", 1<<n), mustRing(t).Sign(keyring.Tag, strings.Repeat("A", 1<<n)),
			fmt.Sprintf("%s.%s.%s", good[:8], strings.Repeat("A", 43), strings.Repeat("B", n)))
	}
	all, _ := s.sql.since(func() {
		for _, g := range guesses {
			thief := s.browser()
			a := thief.send("GET", "/", "", "Cookie", "__Host-tag="+g)
			a.wants(t, "customer= ")
			if known := strings.HasPrefix(g, good[:8]+"."); known != (a.tag != nil) {
				t.Errorf("%.60q: the answer sets %v; want the tag deleted: %t", g, a.tag, known)
			}
		}
	})
	if all != 0 {
		t.Errorf("%d statements for %d guesses, want none", all, len(guesses))
	}
}

// A visitor's session may be past its absolute limit when the request comes that forgets it: its
// old tag hands the cart to nobody.
func TestForgettingASessionPastItsAbsoluteLimitEndsIt(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	second := visitor.wearing()
	s.exec(`UPDATE sessions SET absolute_end = statement_timestamp()`)
	visitor.post("/logout", "").deletesTag(t)
	second.get("/").wants(t, "cart=0 ", "why=forgotten")
	if !s.events.saw("session_ended", session.Forgotten) {
		t.Error("the log does not say so")
	}
}

// CS-22: the log follows a session whose cart goes on under a new tag to its end, by a page or by a
// sign-in.
func TestTheEndOfASessionWhoseCartGoesOnIsTold(t *testing.T) {
	t.Parallel()
	for path, form := range map[string]string{"/put": "key=a&value=b", "/signin": "who=alice"} {
		s := open(t)
		visitor := s.anonymous()
		s.exec(`UPDATE sessions SET absolute_end = statement_timestamp()`)
		visitor.post(path, form)
		born := s.events.names("session_created")
		if len(born) != 2 ||
			!slices.Contains(s.events.events, session.Event{
				Name: "session_ended", LogID: born[0], Reason: session.Rotated}) {
			t.Errorf("%s: %+v, want the first to have ended as rotated", path, s.events.events)
		}
	}
}
