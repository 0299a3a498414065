package auth_test

import (
	"errors"
	"testing"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/dev/scripted"
)

// S-17
func TestAFloodOfForgedTokensCostsTheProviderOneFetch(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]scripted.Signature{"unknown key": scripted.Unknown, "wrong signature": scripted.Foreign} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for range 50 {
				forged := s.op.LogoutToken("alice", "", scripted.Script{Signature: how})
				if _, err := s.VerifyLogout(t.Context(), forged); outcome(err) != string(auth.CheckSignature) {
					t.Fatal(err)
				}
			}
			if fetches := len(s.op.Requests(scripted.KeysPath)); fetches != 1 {
				t.Errorf("%d fetches", fetches)
			}
			s.mustSignIn(t, auth.Begin{})
			s.op.Rotate(false)
			s.mustSignIn(t, auth.Begin{}) // a flood of logout tokens leaves sign-ins their fetches
		})
	}
}

func TestAFloodOfForgedIDTokensCostsTwoFetches(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(scripted.Script{Signature: scripted.Unknown})
	for range 50 {
		if _, err := s.signIn(t, auth.Begin{}); outcome(err) != string(auth.CheckSignature) {
			t.Fatal(err)
		}
	}
	if fetches := len(s.op.Requests(scripted.KeysPath)); fetches != 2 {
		t.Errorf("%d fetches", fetches)
	}
	s.op.Follow(scripted.Script{})
	s.mustSignIn(t, auth.Begin{})
}

// signing-key-rotation, signing-key-rotation-just-before-signing; OIDC Core 10.1.1
func TestANewKeyIsTakenAtOnceAndAnotherHalfAMinuteLater(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	s.op.Rotate(false)
	s.mustSignIn(t, auth.Begin{})
	s.op.Rotate(true)
	if _, err := s.signIn(t, auth.Begin{}); outcome(err) != string(auth.CheckSignature) {
		t.Errorf("a third fetch at once: %v", err)
	}
	s.clock.move(30 * time.Second)
	s.mustSignIn(t, auth.Begin{})
}

func TestALogoutTokenOfANewKeyIsTakenHalfAMinuteLater(t *testing.T) {
	t.Parallel()
	s := open(t)
	verify := func() error {
		_, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", scripted.Script{}))
		return err
	}
	if err := verify(); err != nil {
		t.Fatal(err)
	}
	s.op.Rotate(false)
	if err := verify(); outcome(err) != string(auth.CheckSignature) {
		t.Errorf("at once: %v", err)
	}
	s.clock.move(30 * time.Second)
	if err := verify(); err != nil {
		t.Errorf("half a minute later: %v", err)
	}
}

// A key that the provider no longer tells, because it was stolen, say, opens nothing after ten minutes.
func TestAWithdrawnKeyStopsBeingTrusted(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	withdrawn := scripted.Script{Keys: func(m map[string]any) { m["keys"] = m["keys"].([]any)[1:] }}
	s.op.Follow(withdrawn)
	s.mustSignIn(t, auth.Begin{})
	s.clock.move(10 * time.Minute)
	if _, err := s.signIn(t, auth.Begin{}); outcome(err) != string(auth.CheckSignature) {
		t.Errorf("after ten minutes: %v", err)
	}
}

func TestKeysThatCannotBeFetchedAreAnOutageEvenWhenNoFetchIsLeft(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(scripted.Script{Answers: map[string]scripted.Answer{scripted.KeysPath: {Status: 500}}})
	for range 5 {
		if _, err := s.signIn(t, auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	if fetches := len(s.op.Requests(scripted.KeysPath)); fetches != 2 {
		t.Errorf("%d fetches", fetches)
	}
}

// S-17: what is earned is earned, however often somebody asks meanwhile.
func TestAFloodThatLastsDoesNotKeepANewKeyOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	forged := s.op.LogoutToken("alice", "", scripted.Script{Signature: scripted.Unknown})
	for range 65 {
		s.VerifyLogout(t.Context(), forged)
		s.clock.move(time.Second)
	}
	if fetches := len(s.op.Requests(scripted.KeysPath)); fetches != 3 {
		t.Errorf("%d fetches in 65 seconds, want the first and one each half a minute", fetches)
	}
}

// Fetches that nobody made are not saved up.
func TestAQuietHourEarnsNoMoreThanTheBurst(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	s.clock.move(time.Hour)
	s.op.Forget()
	s.op.Follow(scripted.Script{Signature: scripted.Unknown})
	for range 10 {
		if _, err := s.signIn(t, auth.Begin{}); outcome(err) != string(auth.CheckSignature) {
			t.Fatal(err)
		}
	}
	if fetches := len(s.op.Requests(scripted.KeysPath)); fetches != 2 {
		t.Errorf("%d fetches", fetches)
	}
}

// Keys that have had their time stay in use until they can be fetched again: forged tokens cannot bring the logout to a halt.
func TestOldKeysServeUntilAFetchIsEarned(t *testing.T) {
	t.Parallel()
	s := open(t)
	verify := func(script scripted.Script) string {
		_, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", script))
		return outcome(err)
	}
	if got := verify(scripted.Script{}); got != scripted.Accepted {
		t.Fatal(got)
	}
	s.clock.move(10*time.Minute - time.Second)
	verify(scripted.Script{Signature: scripted.Unknown})
	s.clock.move(time.Second)
	if got := verify(scripted.Script{}); got != scripted.Accepted {
		t.Errorf("just after a forged token: %s", got)
	}
}
