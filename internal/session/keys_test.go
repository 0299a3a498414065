package session_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

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
	slow := visitor.copy()
	var a answer
	var wait sync.WaitGroup
	wait.Go(func() { a = slow.get("/slow") })
	<-s.entered
	visitor.post("/signin", "who=alice")
	s.release <- struct{}{}
	wait.Wait()
	a.leavesTag(t)
}

func TestSignedAgainWithoutAUseTheTagKeepsItsTime(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	visitor.site = s.replica(withKeys(secondKey, firstKey))
	s.exec(`UPDATE sessions SET idle = interval '20 days'`)
	s.pass(20 * time.Second) // not long enough to be recorded as a use
	if a := visitor.get("/"); a.tag == nil || a.tag.MaxAge < 20*24*3600-60 || a.tag.MaxAge > 20*24*3600-20 {
		t.Errorf("the tag is %v, want what is left of its idle limit, 20 days less 20 s", a.tag)
	}
}

// A key that comes back finds its sessions as they were; while it was away nothing was ended and
// nothing begun.
func TestAKeyThatWasAwayFindsItsSessionsAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice, visitor := s.signedIn("alice"), s.anonymous()
	away := s.replica(withKeys(secondKey))
	for _, b := range []*browser{alice, visitor} {
		moved := away.browser()
		moved.tag = b.tag
		a := moved.get("/")
		a.wants(t, "customer= ", "cart=0 ")
		a.leavesTag(t)
	}
	alice.get("/").wants(t, "customer=alice")
	visitor.get("/").wants(t, "cart=1 ")
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 2 {
		t.Errorf("%d live sessions, want two", n)
	}
}
