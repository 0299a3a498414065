package session_test

import (
	"sync"
	"testing"

	"hookandtag.example/shop/internal/session"
)

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
