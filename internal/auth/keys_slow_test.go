package auth_test

import (
	"testing"
	"testing/synctest"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// A token waits as long as an answer takes while nothing else could judge it, and a second where
// good keys can.
func TestATokenWaitsForNewKeysOnlyASecondWhereGoodOnesWillDo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		op := rogue.New(issuer)
		p := bubble(t, op)
		op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.KeysPath: {
			After: true, Before: func() { time.Sleep(3 * time.Second) },
		}}})
		for _, want := range []time.Duration{3 * time.Second, time.Second} {
			begun := time.Now()
			if _, err := p.VerifyLogout(t.Context(), op.LogoutToken("alice", "", rogue.Script{})); err != nil {
				t.Errorf("after %s: got %v, want no error", time.Since(begun), err)
			}
			if waited := time.Since(begun); waited != want {
				t.Errorf("the token waited %s, want %s", waited, want)
			}
			later(11 * time.Minute)
		}
	})
}

// The pause between fetches holds for what anybody can send. A fetch for an ID token begins none.
func TestASignInEarnsALogoutTokenItsFetch(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	s.op.Rotate(false)
	if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", rogue.Script{})); err != nil {
		t.Errorf("a logout token of a new key just after a sign-in: got %v, want no error", err)
	}
}
