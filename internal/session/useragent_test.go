package session_test

import (
	"hookandtag.example/shop/internal/session"
	"strings"
	"testing"
	"time"
)

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
	if n := s.events.count(session.EventBrowserChanged); n != 2 { // from the test's own to the first, and to the second
		t.Errorf("logged %d times, want twice", n)
	}
	if _, writes := s.sql.since(func() { use("third") }); writes != 0 {
		t.Errorf("a use that is not recorded: got %d writes, want none", writes)
	}
	alice.send("POST", "/put", "key=a&value=b", "User-Agent", "fourth")
	if n := s.events.count(session.EventBrowserChanged); n != 3 {
		t.Errorf("logged %d times, want a change logged too", n)
	}
	visitor := s.anonymous()
	s.pass(2 * time.Minute)
	visitor.send("GET", "/", "", "User-Agent", "first")
	if n := s.events.count(session.EventBrowserChanged); n != 3 {
		t.Error("an anonymous session was logged")
	}
}
