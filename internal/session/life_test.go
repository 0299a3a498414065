package session_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
)

func TestHundredReadsWriteNothing(t *testing.T) { // S-12
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	all, writes := s.sql.since(func() {
		for range 100 {
			alice.get("/").leavesTag(t)
		}
	})
	if all != 100 || writes != 0 {
		t.Errorf("%d statements, %d writes; want one read each and no write", all, writes)
	}
}

func TestUseIsRecordedOnceAnInterval(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(59 * time.Second)
	if _, writes := s.sql.since(func() { alice.get("/") }); writes != 0 {
		t.Errorf("after 59 s: %d writes, want none", writes)
	}
	s.pass(2 * time.Second)
	_, writes := s.sql.since(func() {
		for range 100 {
			alice.get("/")
		}
	})
	if writes != 1 {
		t.Errorf("after 61 s: 100 reads made %d writes, want 1", writes)
	}
}

func TestParallelReadsRecordOneUse(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(2 * time.Minute)
	s.exec(`CREATE TABLE written (); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS '
		BEGIN INSERT INTO written DEFAULT VALUES; RETURN NULL; END';
		CREATE TRIGGER note AFTER UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION note()`)
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() { alice.get("/") })
	}
	wait.Wait()
	if n := s.count(`SELECT count(*) FROM written`); n != 1 {
		t.Errorf("the row was written %d times, want once", n)
	}
}

func TestAShortIdleLimitIsRecordedMoreOften(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *session.Config) { c.Limits.Idle = 30 * time.Second })
	alice := s.signedIn("alice")
	s.pass(1100 * time.Millisecond)
	if _, writes := s.sql.since(func() { alice.get("/") }); writes != 1 {
		t.Errorf("1.1 s into a limit of 30 s: %d writes, want 1", writes)
	}
}

func TestIdleLimitEndsTheSession(t *testing.T) { // ASVS 7.3.1, 7.4.1; NIST 800-63B 5.2
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(29*time.Minute + 59*time.Second)
	alice.get("/").wants(t, "customer=alice")
	s.pass(30 * time.Minute)
	a := alice.get("/")
	a.wants(t, "customer= ")
	a.leavesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended_reason = 'idle' AND data = '{}' AND id_token IS NULL AND
		ended = last_used + idle`); n != 1 {
		t.Error("no emptied tombstone says idle and when")
	}
}

func TestAbsoluteLimitEndsTheSessionHoweverActive(t *testing.T) { // ASVS 7.3.2, S-4, S-6
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	for range 24*6 - 1 {
		s.pass(10 * time.Minute)
		if a := alice.get("/"); !strings.Contains(a.body, "customer=alice") {
			t.Fatalf("signed out early: %s", a.body)
		}
	}
	s.pass(10 * time.Minute)
	alice.get("/why").wants(t, "reason=absolute", "late=true")
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

func TestAnonymousSessionOutlivesASignedInOne(t *testing.T) { // S-6
	t.Parallel()
	s := open(t)
	alice, visitor := s.signedIn("alice"), s.anonymous()
	s.pass(29 * 24 * time.Hour)
	alice.get("/").wants(t, "customer= ")
	visitor.get("/").wants(t, "cart=1 ")
	s.pass(30 * 24 * time.Hour)
	visitor.get("/").wants(t, "cart=0 ")
	visitor.get("/why").wants(t, "reason=idle customer=0")
}

func TestAnonymousSessionGoesOnUnderANewTagWithTheSameCart(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	second := visitor.wearing()
	s.pass(90*24*time.Hour - 20*24*time.Hour)
	s.exec(`UPDATE sessions SET last_used = statement_timestamp() - interval '1 day'`)
	s.pass(20 * 24 * time.Hour)
	a := visitor.get("/")
	a.wants(t, "cart=1 ")
	if a.tag == nil || a.tag.MaxAge != 30*24*3600 {
		t.Fatalf("tag %v, want a new one for 30 days", a.tag)
	}
	visitor.get("/").wants(t, "cart=1 ")
	second.get("/").leavesTag(t)
	second.get("/").wants(t, "cart=0 ", "late=true")
}

func TestSpeculativeLoadIsNoUse(t *testing.T) { // F-11
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(2 * time.Minute)
	// the second, of browsers that know no other
	for header, value := range map[string]string{"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"} {
		if _, writes := s.sql.since(func() {
			alice.send("GET", "/", "", header, value).wants(t, "customer=alice")
		}); writes != 0 {
			t.Errorf("%s: %d writes, want none", header, writes)
		}
	}
}

func TestTwoWritersOfDifferentValuesBothKeepTheirs(t *testing.T) { // S-11: stock scs loses one
	t.Parallel()
	s := open(t)
	visitor := s.browser()
	visitor.post("/put", "key=first&value=1")
	var wait sync.WaitGroup
	wait.Go(func() { visitor.post("/slow", "") })
	<-s.entered
	visitor.post("/put", "key=a&value=fast")
	s.release <- struct{}{}
	wait.Wait()
	if n := s.count(`SELECT count(*) FROM sessions
		WHERE data @> '{"a": "fast", "slow": "yes", "first": "1"}'`); n != 1 {
		t.Error("a value was lost")
	}
}

func TestPuttingTheSameValueWritesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.browser()
	visitor.post("/put", "key=a&value=1")
	if _, writes := s.sql.since(func() { visitor.post("/put", "key=a&value=1") }); writes != 0 {
		t.Errorf("%d writes, want none", writes)
	}
}

func TestOnlyStringsAreKept(t *testing.T) { // S-13: JSON makes a float64 of every number
	t.Parallel()
	s := open(t)
	for _, value := range []any{5, 1.5, true, nil, []string{"a"}, time.Now()} {
		w := httptest.NewRecorder()
		s.sessions.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s.sessions.PutAny(r.Context(), "k", value)
		})).ServeHTTP(w, newRequest(t))
		if w.Code != http.StatusServiceUnavailable || len(w.Result().Cookies()) != 0 {
			t.Errorf("%T: %d with cookies %v", value, w.Code, w.Result().Cookies())
		}
	}
	if n := s.count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions were begun", n)
	}
}

func TestJunkInTheRowLocksNobodyOut(t *testing.T) { // S-13: stock scs answers 500 for ever
	t.Parallel()
	for _, junk := range []string{`[1, 2]`, `"text"`, `{"a": 5}`, `null`} {
		s := open(t)
		alice := s.signedIn("alice")
		s.exec(`UPDATE sessions SET data = $1::jsonb`, junk)
		alice.get("/").wants(t, "customer=alice")
		alice.post("/put", "key=a&value=new").wants(t, "a=new")
		alice.get("/").wants(t, "a=new")
	}
}

func TestFormTokenBelongsToOneSession(t *testing.T) { // NIST 800-63B 5.1
	t.Parallel()
	s := open(t)
	alice, bob := s.signedIn("alice"), s.signedIn("bob")
	token := alice.get("/form").body
	for _, c := range []struct {
		who  *browser
		form string
		want string
	}{{alice, token, "true"}, {bob, token, "false"}, {alice, "", "false"}, {alice, bob.get("/form").body, "false"},
		{s.anonymous(), "", "true"}} {
		c.who.post("/form", "form_token="+c.form).wants(t, c.want)
	}
	if visitors := s.anonymous().get("/form").body; visitors != "" {
		t.Errorf("a visitor's forms carry %q, want nothing", visitors)
	}
	alice.post("/signin", "who=alice")
	alice.post("/form", "form_token="+token).wants(t, "false")
}

func TestLimitsAreNeededToOpenAManager(t *testing.T) {
	t.Parallel()
	for name, drop := range map[string]func(*session.Limits){ // ASVS 7.1.1, 7.1.2
		"idle": func(l *session.Limits) { l.Idle = 0 }, "absolute": func(l *session.Limits) { l.Absolute = -1 },
		"anonymous idle": func(l *session.Limits) {
			l.AnonymousIdle = 0
		}, "anonymous absolute": func(l *session.Limits) { l.AnonymousAbsolute = 0 },
		"number": func(l *session.Limits) { l.PerOwner = 0 },
	} {
		c := session.Config{Store: countingStore{}, Keys: mustRing(t), Limits: session.DefaultLimits,
			Unavailable: func(http.ResponseWriter, *http.Request, error) {}}
		if _, err := session.New(c); err != nil {
			t.Fatal(err)
		}
		drop(&c.Limits)
		if _, err := session.New(c); err == nil {
			t.Errorf("a manager without a limit was made: %s", name)
		}
	}
}

func TestAManagerNeedsItsPartsAndMayDoWithoutALog(t *testing.T) {
	t.Parallel()
	whole := session.Config{Store: countingStore{}, Keys: mustRing(t), Limits: session.DefaultLimits,
		Unavailable: func(http.ResponseWriter, *http.Request, error) {}}
	for name, drop := range map[string]func(*session.Config){
		"store": func(c *session.Config) {
			c.Store = nil
		}, "keys": func(c *session.Config) {
			c.Keys = nil
		}, "Unavailable": func(c *session.Config) { c.Unavailable = nil },
	} {
		c := whole
		drop(&c)
		if _, err := session.New(c); err == nil {
			t.Errorf("a manager was made without its %s", name)
		}
	}
	m, err := session.New(whole)
	if err != nil {
		t.Fatal(err)
	}
	m.Expired(t.Context(), "a session's name", session.Idle) // without Observe
}

// ASVS 2.4.1, CS-24: signing in again and again does not grow the row of an unused session.
func TestSignInsElsewhereLeaveOneNotice(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *session.Config) { c.Limits.PerOwner = 100 })
	alice := s.signedIn("alice")
	for range 60 {
		s.signedIn("alice")
	}
	if n := s.count(`SELECT max(length(data::text)) FROM sessions`); n > 200 {
		t.Errorf("a session of alice's has grown to %d characters, want at most 200", n)
	}
	alice.get("/elsewhere").wants(t, "elsewhere=true")
	alice.get("/elsewhere").wants(t, "elsewhere=false")
}

// CS-24: the page forgets the sign-in it shows, not a later one.
func TestASignInWhileAnEarlierOneIsShownIsShownNext(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.signedIn("alice")
	var first answer
	var wait sync.WaitGroup
	wait.Go(func() { first = alice.get("/elsewhere/slow") })
	<-s.entered
	s.signedIn("alice")
	s.release <- struct{}{}
	wait.Wait()
	first.wants(t, "elsewhere=true")
	alice.get("/elsewhere").wants(t, "elsewhere=true")
	alice.get("/elsewhere").wants(t, "elsewhere=false")
}
