package session_test

import (
	"errors"
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

func TestAUseThatCannotBeRecordedCostsNoPage(t *testing.T) {
	t.Parallel()
	s := open(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, touch: func() error { return errors.New("no") }}
	}))
	alice := s.signedIn("alice")
	s.pass(2 * time.Minute)
	alice.get("/").wants(t, "customer=alice")
}

func TestACustomersTagIsNotSentAgainOnANewDay(t *testing.T) { // ASVS 14.3.2: nothing about it would change
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.exec(`UPDATE sessions SET idle = interval '30 hours', absolute_end = now() + interval '9 hours', last_used =
		now() - interval '25 hours'`)
	a := alice.get("/")
	a.wants(t, "customer=alice")
	a.leavesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions WHERE last_used > now() - interval '1 minute'`); n != 1 {
		t.Error("the use was not recorded")
	}
}

func TestNoUseOfAnEndedSessionIsRecorded(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.end("revoked")
	s.pass(2 * time.Minute)
	if all, writes := s.sql.since(func() { alice.get("/") }); all != 1 || writes != 0 {
		t.Errorf("statements: got %d, %d of them writes; want the one that finds the session", all, writes)
	}
}

func TestPuttingTheSameValueIsAUse(t *testing.T) { // ASVS 7.3.1
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	for range 4 {
		alice.post("/put", "key=a&value=same").wants(t, "customer=alice")
		s.pass(20 * time.Minute)
	}
	alice.get("/").wants(t, "customer=alice", "a=same")
}
