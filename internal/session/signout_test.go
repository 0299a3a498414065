package session_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
)

func TestSignOutEndsTheSessionAndHandsOutTheIDToken(t *testing.T) { // ASVS 7.4.1, 10.1.1; CS-30
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	thief := alice.copy()
	a := alice.post("/logout", "")
	a.wants(t, "hint=id-token-of-alice err=<nil>")
	a.deletesTag(t)
	thief.get("/").wants(t, "customer= ")
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended_reason = 'signed_out' AND id_token IS NULL`); n != 1 {
		t.Error("the row is not an emptied tombstone")
	}
	thief.post("/logout", "").wants(t, "hint= err=<nil>")
	s.browser().post("/logout", "").wants(t, "hint= err=<nil>")
}

// A replica that lacks the newest key cannot end the session, and must not say that it did.
func TestASignOutWithAnotherReplicasTagIsRefused(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := open(t)
	newer, err := keyring.New(secondKey)
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.tag = newer.Sign(keyring.Tag, strings.Repeat("A", 43))
	a := b.post("/logout", "")
	a.wants(t, "hint= err="+session.ErrForeign.Error())
	a.leavesTag(t)
}

func TestNothingIsWrittenAfterASignOut(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.sessions.SignOut(r.Context()); err != nil {
			t.Error(err)
		}
		s.sessions.Put(r.Context(), "a", "b")
		if err := s.sessions.KeepRef(r.Context(), 1); !errors.Is(err, session.ErrReadOnly) {
			t.Errorf("keep a cart: %v, want ErrReadOnly", err)
		}
		s.describe(w, r)
	})
	a := alice.get("/")
	a.wants(t, "customer= ")
	a.deletesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended IS NULL OR data <> '{}'`); n != 0 {
		t.Errorf("sessions begun or written after the sign-out: got %d, want none", n)
	}
}

func TestASignOutDeletesATagThatIsNone(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	b.tag = "no tag"
	b.get("/").leavesTag(t)
	b.post("/logout", "").deletesTag(t)
}

func TestASignOutOfAnEndedSessionIsNoEnd(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(40 * time.Minute)
	alice.post("/logout", "")
	if s.events.saw(session.EventEnded, session.SignedOut) || s.events.saw(session.EventEnded, session.Forgotten) {
		t.Errorf("got %+v, want no end", s.events.events)
	}
}

func TestASignOutThatCannotBeDoneSaysSo(t *testing.T) { // ASVS 7.4.1, 16.5.2
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		s.outage.Store(true)
		if _, err := s.sessions.SignOut(r.Context()); err == nil {
			t.Error("it says that it worked")
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	alice.get("/").leavesTag(t)
}

func TestASealedIDTokenOpensInItsOwnSessionOnly(t *testing.T) { // ASVS 14.2.4: a copied row too
	t.Parallel()
	s := open(t)
	alice, bob := s.signedIn("alice"), s.signedIn("bob")
	s.exec(`UPDATE sessions s SET id_token = o.id_token FROM sessions o WHERE o.id <> s.id`)
	alice.post("/logout", "").wants(t, "hint= err=<nil>")
	bob.post("/logout", "").wants(t, "hint= err=<nil>")
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

// A visitor's session may be past its absolute limit when the request comes that forgets it: its
// old tag no longer finds the cart.
func TestForgettingASessionPastItsAbsoluteLimitEndsIt(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	second := visitor.copy()
	s.exec(`UPDATE sessions SET absolute_end = statement_timestamp()`)
	visitor.post("/logout", "").deletesTag(t)
	second.get("/").wants(t, "cart=0 ", "why=forgotten")
	if !s.events.saw(session.EventEnded, session.Forgotten) {
		t.Error("the log does not say so")
	}
}

func TestASignOutIsNoRecentAuthenticationAnyMore(t *testing.T) { // ASVS 7.4.1, 7.5.3
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.serve(func(_ http.ResponseWriter, r *http.Request) {
		if !s.sessions.AuthenticatedWithin(r.Context(), time.Minute) {
			t.Error("before the sign-out: got not authenticated within a minute, want so")
		}
		if _, err := s.sessions.SignOut(r.Context()); err != nil ||
			s.sessions.AuthenticatedWithin(r.Context(), time.Minute) {
			t.Errorf("got %v, and authenticated within a minute, want neither", err)
		}
	})
	alice.get("/")
}

func TestASignOutThatEndsNothingLogsNoEnd(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.serve(func(_ http.ResponseWriter, r *http.Request) {
		s.end("revoked")
		if _, err := s.sessions.SignOut(r.Context()); err != nil {
			t.Error(err)
		}
	})
	alice.get("/")
	if n := s.events.count(session.EventEnded); n != 0 {
		t.Errorf("ends logged: got %d, want 0", n)
	}
}
