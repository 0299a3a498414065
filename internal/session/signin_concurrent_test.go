package session_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

func TestParallelSignInsOfOneCustomerLeaveOneCustomerAndEverySession(t *testing.T) { // ASVS 15.4.2
	t.Parallel()
	s := open(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { s.signedIn("alice").get("/").wants(t, "customer=alice") })
	}
	wait.Wait()
	if c, n := s.count(`SELECT count(*) FROM customers`),
		s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); c != 1 || n != 8 {
		t.Errorf("%d customers, %d sessions; want 1 and 8", c, n)
	}
}

func TestASignInInFlightDoesNotSurviveASignOut(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	second := alice.copy()
	var a answer
	var wait sync.WaitGroup
	wait.Go(func() { a = second.post("/signin/slow", "who=alice") })
	<-s.entered
	alice.post("/logout", "")
	s.release <- struct{}{}
	wait.Wait()
	a.wants(t, session.ErrSignedOut.Error())
	a.leavesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 0 {
		t.Errorf("%d sessions are live after the sign-out, want none", n)
	}
}

func TestOfTwoCallbacksFromOneVisitorOneSignsIn(t *testing.T) { // ASVS 15.4.2
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	second := visitor.copy()
	var a answer
	var wait sync.WaitGroup
	wait.Go(func() { a = second.post("/signin/slow", "who=alice") })
	<-s.entered
	visitor.post("/signin", "who=alice")
	s.release <- struct{}{}
	wait.Wait()
	a.wants(t, session.ErrOvertaken.Error())
	a.leavesTag(t)
	visitor.get("/").wants(t, "customer=alice")
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 1 {
		t.Errorf("%d sessions are live, want one", n)
	}
}

func TestASignOutWithATagJustReplacedSignsOut(t *testing.T) { // ASVS 7.4.1, 7.4.4
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	old := alice.copy()
	alice.post("/signin", "who=alice")
	a := old.post("/logout", "")
	a.wants(t, "hint=id-token-of-alice")
	a.deletesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 0 {
		t.Errorf("%d sessions are live, want none", n)
	}
}

func TestAnEndThatReachesACustomersSessionIsLoggedAsASignOut(t *testing.T) { // ASVS 16.3.1
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	old := visitor.copy()
	visitor.post("/signin", "who=alice")
	old.post("/logout", "")
	if !s.events.saw(session.EventEnded, session.SignedOut) || s.events.saw(session.EventEnded, session.Forgotten) {
		t.Error("the end of a customer's session is not logged as signed out")
	}
}

// A tag that was replaced more than a minute ago neither ends the session that replaced its own nor
// reveals the ID token.
func TestATagReplacedLongAgoEndsNothing(t *testing.T) { // ASVS 7.2.4, 7.4.1
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	thief := alice.copy()
	alice.post("/signin", "who=alice")
	s.pass(session.LateWindow + time.Second)
	thief.post("/logout", "").wants(t, "hint= err=<nil>")
	alice.get("/").wants(t, "customer=alice")
}

func TestASignOutSinceTheSignInBeganRefusesIt(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := open(t)
	guest := s.anonymous()
	s.end("forgotten")
	s.pass(20 * time.Second)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		_, _, err := visitor.SignIn(r.Context(), s.sessions,
			session.Authentication{IssuedAt: time.Now(), AuthTime: time.Now(), Begun: time.Now().Add(-time.Minute)},
			visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-alice"}})
		fmt.Fprint(w, err)
	})
	guest.get("/").wants(t, session.ErrSignedOut.Error())
}

// endsFirst is a store in which, once armed, a session ends just before it is found.
type endsFirst struct {
	session.Store
	end func()
}

func (e *endsFirst) FindSession(ctx context.Context, id session.ID) (session.Record, bool, error) {
	if e.end != nil {
		e.end()
	}
	return e.Store.FindSession(ctx, id)
}

// A sign-in began on another replica, whose clock may be ahead. It counts as begun with its last
// request at the latest.
func TestASignOutWhileTheSessionIsReadRefusesTheSignIn(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	store := &endsFirst{}
	s := open(t, func(c *session.Config) { store.Store, c.Store = c.Store, store })
	guest := s.anonymous()
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		_, _, err := visitor.SignIn(r.Context(), s.sessions,
			session.Authentication{IssuedAt: time.Now(), AuthTime: time.Now(), Begun: time.Now().Add(time.Minute)},
			visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-alice"}})
		fmt.Fprint(w, err)
	})
	store.end = func() {
		s.end("forgotten")
		s.exec(`UPDATE sessions SET ended = ended + interval '1 second'`) // well after the request began
	}
	guest.get("/").wants(t, session.ErrSignedOut.Error())
}
