package session_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/session"
)

func TestBrowsingMakesNoCookieNoRowAndAsksTheDatabaseNothing(t *testing.T) { // S-12, ASVS 2.4.1
	t.Parallel()
	s := open(t)
	guest := s.browser()
	all, _ := s.sql.since(func() {
		for range 20 {
			a := guest.get("/")
			a.leavesTag(t)
			if got := a.header.Values("Vary"); !slices.Equal(got, []string{"Cookie"}) { // RFC 9111 4.1
				t.Errorf("Vary: got %q, want Cookie", got)
			}
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
		t.Errorf("Set-Cookie: got %s, want __Host-tag with every attribute", line)
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

func TestTheNamesOfASessionRevealNothing(t *testing.T) { // ASVS 7.2.3, 14.2.4, 16.2.5; CS-4
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	handle, token := alice.get("/handle").body, strings.Split(alice.tag, ".")[1]
	var id []byte
	var logID string
	if err := s.pool.QueryRow(t.Context(), `SELECT id, log_id FROM sessions`).Scan(&id, &logID); err != nil {
		t.Fatal(err)
	}
	for what, name := range map[string]string{"handle": handle, "log id": logID} {
		if len(name) < 16 || strings.Contains(hex.EncodeToString(id)+token+alice.tag, name) ||
			strings.Contains(name, hex.EncodeToString(id)) {
			t.Errorf("%s: got %q, want no part of id or tag", what, name)
		}
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
		a.deletesTag(t)
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
			t.Fatalf("got token %q, seen before: %v; want 43 new characters", token, tokens[token])
		}
		tokens[token] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d ids, want 10 000", len(seen))
	}
}
