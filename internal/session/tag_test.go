package session_test

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
)

func TestBrowsingMakesNoCookieNoRowAndAsksTheDatabaseNothing(t *testing.T) { // S-12, ASVS 2.4.1
	t.Parallel()
	s := open(t)
	stranger := s.browser()
	all, _ := s.sql.since(func() {
		for range 20 {
			stranger.get("/").leavesTag(t)
		}
	})
	if rows := s.count(`SELECT count(*) FROM sessions`); all != 0 || rows != 0 {
		t.Errorf("%d statements, %d rows; want none", all, rows)
	}
}

// ASVS 3.3.1, 3.3.3, 3.3.4; RFC 6265bis 4.1.3; S-7, S-8
func TestFirstThingWorthKeepingMakesOneRowAndOneTag(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.browser().post("/cart", "")
	line := a.header.Get("Set-Cookie")
	if !strings.HasPrefix(line, "__Host-tag=") ||
		!strings.HasSuffix(line, "; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax") {
		t.Errorf("Set-Cookie: %s", line)
	}
	if got := a.header.Values("Cache-Control"); len(got) != 1 || got[0] != "no-store" {
		t.Errorf("Cache-Control: %q, want no-store alone", got)
	}
	if rows := s.count(`SELECT count(*) FROM sessions`); rows != 1 {
		t.Errorf("%d rows, want 1", rows)
	}
}

func TestSignedInTagGoesWithTheBrowser(t *testing.T) { // NIST 800-63B 5.1, CS-16
	t.Parallel()
	a := open(t).browser().post("/signin", "who=alice")
	if a.tag == nil || a.tag.MaxAge != 0 || !a.tag.Expires.IsZero() {
		t.Errorf("tag %v, want one without Max-Age and Expires", a.tag)
	}
}

func TestDatabaseKeepsNothingThatOpensASession(t *testing.T) { // ASVS 14.2.4, S-7
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	token := strings.Split(alice.tag, ".")[1]
	if n := s.count(`SELECT count(*) FROM sessions s WHERE s::text LIKE '%' || $1 || '%' OR s::text LIKE
		'%id-token-of-alice%'`, token); n != 0 {
		t.Error("the row holds the token or the ID token in clear")
	}
	hashed := sha256.Sum256([]byte(token))
	if n := s.count(`SELECT count(*) FROM sessions WHERE id = $1`, hashed[:]); n != 1 {
		t.Error("the row is not under the token's SHA-256: part of the token may be in it")
	}
	var hash, handle string
	if err := s.pool.QueryRow(t.Context(), `SELECT encode(id, 'base64'), handle FROM sessions`).Scan(&hash,
		&handle); err != nil {
		t.Fatal(err)
	}
	for _, stolen := range []string{hash, handle, token} {
		thief := s.browser()
		thief.tag = stolen
		thief.get("/").wants(t, "customer= ")
	}
}

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
	}
	if !s.events.saw("session_tag_refused", "forged") {
		t.Error("no event logs it")
	}
}

func TestTwoTagsAtOnceAreNoTag(t *testing.T) { // RFC 6265bis 5.7, K-4
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	for _, header := range []string{"__Host-tag=evil; __Host-tag=" + alice.tag, "__Host-tag=" + alice.tag +
		"; __Host-tag=evil"} {
		a := s.browser().send("GET", "/", "", "Cookie", header)
		a.wants(t, "customer= ")
	}
	alice.get("/").wants(t, "customer=alice")
}

func TestOnlyTheCookieOfOurNameCarriesATag(t *testing.T) { // CS-4, K-3, ASVS 14.2.1
	t.Parallel()
	s := open(t)
	tag := s.signedIn("alice").tag
	for _, header := range [][2]string{{"Authorization", "Bearer " + tag}, {"X-Session", tag},
		{"Cookie", "__host-tag=" + tag}, {"Cookie", "tag=" + tag},
		{"Cookie", "$Version=1,__Host-tag=" + tag}, {"Cookie", "=__Host-tag=" + tag},
		{"Cookie", "\u2000__Host-tag=" + tag}} {
		s.browser().send("GET", "/?__Host-tag="+tag, "", header[0], header[1]).wants(t, "customer= ")
	}
}

func TestOldKeyIsAcceptedAndSignedAgainWithoutAWrite(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	before, after := openOn(t, url), openOn(t, url, withKeys(secondKey, firstKey))
	old := before.signedIn("alice")
	alice := after.browser()
	alice.tag = old.tag
	var a answer
	if _, writes := after.sql.since(func() { a = alice.get("/") }); writes != 0 {
		t.Errorf("%d writes, want none", writes)
	}
	a.wants(t, "customer=alice")
	if a.tag == nil || a.tag.Value == old.tag {
		t.Fatal("the tag was not signed again")
	}
	alice.get("/").leavesTag(t)
	retired := openOn(t, url, withKeys(secondKey)).browser()
	retired.tag = alice.tag
	retired.get("/").wants(t, "customer=alice")
	retired.tag = old.tag
	retired.get("/").wants(t, "customer= ")
}

func TestASpeculativeLoadDoesNotSignTheTagAgain(t *testing.T) { // F-11: its answer may never be seen
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	alice.site = s.replica(withKeys(secondKey, firstKey))
	alice.send("GET", "/", "", "Sec-Purpose", "prefetch;prerender").leavesTag(t)
	if a := alice.get("/"); a.tag == nil {
		t.Error("the tag is not signed again afterwards")
	}
}

// An answer that recorded a use knows that the session is live, and does not ask again.
func TestATagSignedAgainWithAUseCostsNoSecondLook(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(2 * time.Minute)
	alice.site = s.replica(withKeys(secondKey, firstKey))
	if all, writes := s.sql.since(func() { alice.get("/") }); all != 2 || writes != 1 {
		t.Errorf("%d statements, %d of them writes, want one that reads and one that writes", all, writes)
	}
}

func TestASlowAnswerDoesNotSignATagAgainWhoseSessionIsGone(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	visitor.site = s.replica(withKeys(secondKey, firstKey))
	var slow answer
	done := make(chan struct{})
	go func() { defer close(done); slow = visitor.get("/slow") }()
	<-visitor.site.entered
	s.exec(`DELETE FROM sessions`)
	visitor.site.release <- struct{}{}
	<-done
	slow.leavesTag(t)
}

func TestASlowAnswerDoesNotSignTheTagAgainThatASignInReplaced(t *testing.T) { // S-1: while keys are rotated
	t.Parallel()
	s := open(t, withKeys(secondKey, firstKey))
	visitor := s.anonymous()
	visitor.tag = mustRing(t).Sign(keyring.Tag, strings.Split(visitor.tag, ".")[1])
	slow := visitor.wearing()
	var a answer
	var wait sync.WaitGroup
	wait.Go(func() { a = slow.get("/slow") })
	<-s.entered
	visitor.post("/signin", "who=alice")
	s.release <- struct{}{}
	wait.Wait()
	a.leavesTag(t)
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
		why        session.Reason
		statements int
	}{
		"another key's": {foreign.Sign(keyring.Tag, strings.Repeat("A", 43)), "foreign", 0},
		"no tag at all": {"' OR 1=1 --", "foreign", 0},
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
		if got := s.events.count("session_tag_refused"); got != 1 || !s.events.saw("session_tag_refused", c.why) {
			t.Errorf("%s: logged %d times, want once as %s", what, got, c.why)
		}
		if a := b.get("/forged"); a.body != "forged=false" {
			t.Errorf("%s counts as a guess: %s", what, a.body)
		}
		b.post("/cart", "").wants(t, "cart=")
		if b.tag == c.tag {
			t.Errorf("%s: no session can begin in its place", what)
		}
	}
}

// An answer that was slow must not delete the tag that a sign-in has set since, though it knows
// none of it.
func TestALateAnswerToAnUnknownTagLeavesTheNewOneAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	b.tag = mustRing(t).Sign(keyring.Tag, strings.Repeat("A", 43))
	slow := b.wearing()
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

func TestPlainHTTPHasAnotherName(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *session.Config) { c.Insecure = true })
	a := s.browser().post("/cart", "")
	if a.tag == nil || a.tag.Name != "tag" || a.tag.Secure {
		t.Errorf("tag %v, want one called tag and not Secure", a.tag)
	}
}

func TestTenThousandTokensDiffer(t *testing.T) { // ASVS 7.2.3, 11.5.1
	t.Parallel()
	seen := make(map[session.ID]bool)
	s := open(t, withStore(func(inner session.Store) session.Store { return countingStore{inner, seen} }))
	handler := s.sessions.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.sessions.Put(r.Context(), "k", "v")
	}))
	tokens := make(map[string]bool)
	for range 10_000 {
		w := newRecorder()
		handler.ServeHTTP(w, newRequest(t))
		cookie := strings.Split(w.Header().Get("Set-Cookie"), ";")[0]
		token := strings.Split(strings.TrimPrefix(cookie, "__Host-tag="), ".")[1]
		if len(token) != 43 || tokens[token] {
			t.Fatalf("token %q: of length %d, seen before: %v", token, len(token), tokens[token])
		}
		tokens[token] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d ids, want 10 000", len(seen))
	}
}
