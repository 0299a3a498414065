package auth_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// S-17
func TestAFloodOfForgedTokensCostsTheProviderOneFetch(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]rogue.Signature{"unknown key": rogue.Unknown,
		"wrong signature": rogue.Foreign} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for range 50 {
				forged := s.op.LogoutToken("alice", "", rogue.Script{Signature: how})
				if _, err := s.VerifyLogout(t.Context(), forged); outcome(err) != string(auth.CheckSignature) {
					t.Fatal(err)
				}
			}
			if fetches := len(s.op.Requests(rogue.KeysPath)); fetches != 1 {
				t.Errorf("%d fetches", fetches)
			}
			s.mustSignIn(t, auth.Begin{})
			s.op.Rotate(false)
			s.mustSignIn(t, auth.Begin{}) // a flood of logout tokens leaves sign-ins their fetches
		})
	}
}

// ID tokens come from the provider alone, so a new key is fetched immediately, each time.
func TestAnIDTokenOfAnUnknownKeyCostsOneFetch(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Signature: rogue.Unknown})
	for range 5 {
		if _, err := s.signIn(t, auth.Begin{}); outcome(err) != string(auth.CheckSignature) {
			t.Fatal(err)
		}
	}
	if fetches := len(s.op.Requests(rogue.KeysPath)); fetches != 5 {
		t.Errorf("%d fetches for 5 tokens", fetches)
	}
	s.op.Follow(rogue.Script{})
	s.mustSignIn(t, auth.Begin{})
}

// signing-key-rotation, signing-key-rotation-just-before-signing; OIDC Core 10.1.1
func TestEveryNewKeyIsTakenAtOnceAtASignIn(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	for range 3 {
		s.op.Rotate(false)
		s.mustSignIn(t, auth.Begin{})
	}
}

func TestALogoutTokenOfANewKeyIsTakenHalfAMinuteLater(t *testing.T) {
	t.Parallel()
	s := open(t)
	verify := func() error {
		_, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", rogue.Script{}))
		return err
	}
	if err := verify(); err != nil {
		t.Fatal(err)
	}
	s.op.Rotate(false)
	if err := verify(); outcome(err) != string(auth.CheckSignature) {
		t.Errorf("immediately: %v", err)
	}
	s.clock.move(30 * time.Second)
	if err := verify(); err != nil {
		t.Errorf("half a minute later: %v", err)
	}
}

// A key that the provider no longer publishes, because it was stolen, say, verifies nothing after
// ten minutes.
func TestAWithdrawnKeyStopsBeingTrusted(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	withdrawn := rogue.Script{Keys: func(m map[string]any) { m["keys"] = m["keys"].([]any)[1:] }}
	s.op.Follow(withdrawn)
	s.mustSignIn(t, auth.Begin{})
	s.clock.move(10 * time.Minute)
	if _, err := s.signIn(t, auth.Begin{}); outcome(err) != string(auth.CheckSignature) {
		t.Errorf("after ten minutes: %v", err)
	}
}

// An endpoint that is away for a moment costs a moment, and one that stays away is asked ever more
// seldom.
func TestAFailedFetchIsRepeatedAfterGrowingPauses(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.KeysPath: {Status: 500}}})
	for second := range 60 {
		for range 2 {
			if _, err := s.signIn(t, auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) {
				t.Fatalf("after %d s: %v", second, err)
			}
		}
		s.clock.move(time.Second)
	}
	if fetches := len(s.op.Requests(rogue.KeysPath)); fetches != 6 { // after 0, 1, 3, 7, 15 and 31 s
		t.Errorf("%d fetches in a minute", fetches)
	}
	s.clock.move(3 * time.Second) // 63 s
	s.op.Follow(rogue.Script{})
	s.mustSignIn(t, auth.Begin{})
}

func TestAKeyEndpointThatIsAwayForAMomentCostsOneSecond(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.KeysPath: {Drop: true}}})
	if _, err := s.signIn(t, auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) {
		t.Fatal(err)
	}
	s.op.Follow(rogue.Script{})
	s.clock.move(time.Second)
	s.mustSignIn(t, auth.Begin{})
}

// Nothing that was good is given up before its successor is here; but an endpoint that cannot be
// reached does not keep a key for ever.
func TestGoodKeysServeWhileNewOnesCannotBeFetched(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]rogue.Answer{
		"away": {Drop: true}, "broken": {Status: http.StatusBadGateway}, "no key set": {Body: `{"keys":{}}`},
		"nonsense": {Body: "<html>"}, "silent": {Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.mustSignIn(t, auth.Begin{})
			s.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.KeysPath: answer}})
			s.hurry.Store(rogue.KeysPath)
			for range 5 {
				s.clock.move(11 * time.Minute)
				s.mustSignIn(t, auth.Begin{})
				if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", rogue.Script{})); err != nil {
					t.Fatal(err)
				}
			}
			if asked := len(s.op.Requests(rogue.KeysPath)); asked < 6 {
				t.Errorf("asked %d times only", asked)
			}
			s.clock.move(6 * time.Minute)
			if _, err := s.signIn(t, auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) {
				t.Errorf("after more than an hour: %v", err)
			}
		})
	}
}

// A provider that moves its keys is believed once they are there.
func TestGoodKeysServeUntilThoseAtANewAddressAreHere(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	s.op.Follow(rogue.Script{Discovery: rogue.Set("jwks_uri", s.op.Issuer+"/moved")})
	s.clock.move(11 * time.Second)
	for range 2 {
		s.mustSignIn(t, auth.Begin{})
		s.clock.move(5 * time.Second)
	}
	if asked := len(s.op.Requests("/moved")); asked == 0 {
		t.Error("the new address was not asked")
	}
}

// S-17: an earned fetch stays earned, however often somebody asks in between.
func TestAFloodThatLastsDoesNotKeepANewKeyOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	forged := s.op.LogoutToken("alice", "", rogue.Script{Signature: rogue.Unknown})
	for range 65 {
		s.VerifyLogout(t.Context(), forged)
		s.clock.move(time.Second)
	}
	if fetches := len(s.op.Requests(rogue.KeysPath)); fetches != 3 {
		t.Errorf("%d fetches in 65 seconds, want the first and one each half a minute", fetches)
	}
}

// Keys that have had their time stay in use until they can be fetched again: forged tokens cannot
// bring the logout to a halt.
func TestOldKeysServeUntilTheyMayBeFetchedAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	verify := func(script rogue.Script) string {
		_, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", script))
		return outcome(err)
	}
	if got := verify(rogue.Script{}); got != rogue.Accepted {
		t.Fatal(got)
	}
	s.clock.move(10*time.Minute - time.Second)
	verify(rogue.Script{Signature: rogue.Unknown})
	s.clock.move(time.Second)
	if got := verify(rogue.Script{}); got != rogue.Accepted {
		t.Errorf("just after a forged token: %s", got)
	}
}

// RFC 7517 5: the set of the OpenID Foundation's conformance suite, and every strange key beside a
// good one, for each kind of token.
func TestAKeyThatCannotBeReadKeepsNobodyOutAndIsNamedOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	var script rogue.Script
	rogue.ConformanceKeys(&script)
	suite := script.Keys
	script.Thin, script.JWTInfo = true, true
	script.Keys = func(m map[string]any) {
		suite(m)
		for _, strange := range rogue.StrangeKeys() {
			m["keys"] = append(m["keys"].([]any), strange)
		}
	}
	s.op.Follow(script)
	for range 3 {
		if authn := s.mustSignIn(t, auth.Begin{}); authn.Identity.Name != "Alice" {
			t.Errorf("the signed userinfo gives the name %q", authn.Identity.Name)
		}
		if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", rogue.Script{})); err != nil {
			t.Error(err)
		}
		s.clock.move(11 * time.Minute)
	}
	log := s.log.String()
	// secp256k1 is in both
	if named, want := strings.Count(log, "signing key left out"), 5+len(rogue.StrangeKeys())-1; named != want {
		t.Errorf("the log names %d keys, want %d:\n%s", named, want, log)
	}
	if strings.Count(log, `"kid":"secp256k1"`) != 1 {
		t.Errorf("secp256k1 is not named once:\n%s", log)
	}
}

// OIDC Core 3.1.3.7 (7): an algorithm that is allowed signs ID tokens, logout tokens and userinfo;
// one that is not, none of them.
func TestEachAllowedAlgorithmSigns(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ES256", "ES384", "PS256", "EdDSA"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(c *auth.Config) { c.Algorithms = []string{algorithm} })
			script := rogue.Script{Algorithm: algorithm, Thin: true, JWTInfo: true}
			s.op.Follow(script)
			if authn := s.mustSignIn(t, auth.Begin{}); authn.Identity.Name != "Alice" {
				t.Errorf("the signed userinfo gives the name %q", authn.Identity.Name)
			}
			if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", script)); err != nil {
				t.Error(err)
			}
			script.Header = func(m map[string]any) { m["alg"], m["kid"] = "RS256", "key-0" }
			s.op.Follow(script)
			if _, err := s.signIn(t, auth.Begin{}); outcome(err) != string(auth.CheckSignature) {
				t.Errorf("another algorithm in the header: %v", err)
			}
			script.Algorithm = ""
			if _, err := s.VerifyLogout(t.Context(),
				s.op.LogoutToken("alice", "", script)); outcome(err) != string(auth.CheckSignature) {
				t.Errorf("a logout token with RS256: %v", err)
			}
		})
	}
}
