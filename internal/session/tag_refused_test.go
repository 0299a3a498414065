package session_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
)

func TestForgedTagCostsNoStatementAndIsCleared(t *testing.T) { // CS-3, CS-5; libraries: "forged cookie = 0 queries"
	t.Parallel()
	s := open(t)
	good := s.signedIn("alice").tag
	kid, rest, _ := strings.Cut(good, ".")
	token, mac, _ := strings.Cut(rest, ".")
	for name, value := range map[string]string{
		"changed token":   kid + "." + "!" + token[1:] + "." + mac,
		"a short token":   mustRing(t).Sign(keyring.Tag, "short"),
		"no signature":    kid + "." + token,
		"eight kilobytes": kid + "." + strings.Repeat("x", 8000),
		"a form token's mac": kid + "." + token + "." +
			strings.Split(mustRing(t).MAC(keyring.FormToken, token), ".")[1],
	} {
		thief := s.browser()
		thief.tag = value
		var a answer
		if all, _ := s.sql.since(func() { a = thief.get("/") }); all != 0 {
			t.Errorf("%s: %d statements, want none", name, all)
		}
		a.deletesTag(t)
		a.wants(t, "customer= ")
		thief.tag = value
		thief.get("/forged").wants(t, "forged=true")
	}
	if !s.events.refused(session.ForgedTag) {
		t.Error("got no event session_tag_refused, want one")
	}
}

// CS-5, CS-20: a guess costs the database nothing, also at the lengths
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

// A replica may lack the newest key, and a tag without a row may have a newer answer on its way:
// neither is deleted or counted as a guess.
func TestATagThatIsMerelyUnknownIsLeftAloneAndLoggedOnceAMinute(t *testing.T) {
	t.Parallel()
	foreign, err := keyring.New(secondKey)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		tag        string
		why        session.Refusal
		statements int
	}{
		"another key's": {foreign.Sign(keyring.Tag, strings.Repeat("A", 43)), "foreign", 0},
		"no tag at all": {"' OR 1=1 --", "unsigned", 0},
		"no row":        {mustRing(t).Sign(keyring.Tag, strings.Repeat("A", 43)), "unknown", 1},
	} {
		s := open(t)
		b := s.browser()
		b.tag = c.tag
		for range 3 {
			all, writes := s.sql.since(func() { b.get("/").leavesTag(t) })
			if all != c.statements || writes != 0 {
				t.Errorf("%s: %d statements and %d writes, want %d and none", what, all, writes, c.statements)
			}
		}
		if got := s.events.count(session.EventTagRefused); got != 1 || !s.events.refused(c.why) {
			t.Errorf("%s: logged %d times, want once as %s", what, got, c.why)
		}
		if a := b.get("/forged"); a.body != "forged=false" {
			t.Errorf("%s: got %s, want forged=false", what, a.body)
		}
		b.post("/cart", "").wants(t, "cart=")
		if b.tag == c.tag {
			t.Errorf("%s: got the same tag, want a new session's", what)
		}
	}
}

// A browser with two cookies of the tag's name sends both with every request.
func TestATagSentTwiceIsLoggedOnceAMinute(t *testing.T) {
	t.Parallel()
	s := open(t)
	good := s.signedIn("alice").tag
	for range 3 {
		s.browser().send("GET", "/", "", "Cookie", "__Host-tag="+good+"; __Host-tag="+good).wants(t, "customer= ")
	}
	if got := s.events.count(session.EventTagRefused); got != 1 || !s.events.refused(session.RepeatedTag) {
		t.Errorf("logged %d times, want once as sent twice", got)
	}
}

// An answer that was slow must not delete the tag that a sign-in has set since, though it knows
// none of it.
func TestALateAnswerToAnUnknownTagLeavesTheNewOneAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	b.tag = mustRing(t).Sign(keyring.Tag, strings.Repeat("A", 43))
	slow := b.copy()
	var a answer
	var wait sync.WaitGroup
	wait.Go(func() { a = slow.get("/slow") })
	<-s.entered
	b.post("/signin", "who=alice")
	s.release <- struct{}{}
	wait.Wait()
	a.leavesTag(t)
	b.get("/").wants(t, "customer=alice")
}

func TestAForgedTagThatTheRateLimiterRefusesIsNotLogged(t *testing.T) { // the rate limiter logs it
	t.Parallel()
	s := open(t)
	s.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	thief := s.browser()
	thief.tag = mustRing(t).Sign(keyring.Tag, "forged")
	thief.get("/")
	if n := s.events.count(session.EventTagRefused); n != 0 {
		t.Errorf("events: got %d, want none", n)
	}
}
