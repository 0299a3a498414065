package auth_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// kid-absent-single-jwks: a token that names no key is checked with the one there is, and refused
// when that did not sign it.
func TestATokenThatNamesNoKeyIsCheckedWithTheOnlyOne(t *testing.T) {
	t.Parallel()
	for signature, want := range map[rogue.Signature]string{rogue.Right: rogue.Accepted,
		rogue.Unknown: string(auth.CheckSignature)} {
		s := open(t)
		s.op.Follow(rogue.Script{Signature: signature, Header: rogue.Drop("kid"),
			Keys: func(m map[string]any) { m["keys"] = m["keys"].([]any)[:1] }})
		if _, err := s.signIn(t, auth.Begin{}); outcome(err) != want {
			t.Errorf("signed %q: %v, want %s", signature, err, want)
		}
	}
}

// OIDC Core 10.1: a token that names a key is checked with that one alone, though the provider has
// published the key that signed it.
func TestATokenIsCheckedWithTheKeyThatItNames(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Rotate(true)
	for kid, want := range map[string]string{"key-0": string(auth.CheckSignature), "key-1": rogue.Accepted} {
		s.op.Follow(rogue.Script{Header: rogue.Set("kid", kid)})
		if _, err := s.signIn(t, auth.Begin{}); outcome(err) != want {
			t.Errorf("signed by key-1, names %s: got %v, want %s", kid, err, want)
		}
	}
}

// discovery-jwks-uri-keys: the address of the keys comes from the discovery document each time, and
// is nowhere configured.
func TestKeysAreWhereTheProviderSaysTheyAre(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	var keys map[string]any
	s.op.Follow(rogue.Script{Keys: func(m map[string]any) { keys = m }})
	response, err := http.Get(s.op.Issuer + rogue.KeysPath)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	text, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	const moved = "/moved/keys-2"
	s.op.Forget()
	s.op.Follow(rogue.Script{
		Discovery: rogue.Set("jwks_uri", s.op.Issuer+moved),
		Answers:   map[string]rogue.Answer{moved: {Body: string(text)}, rogue.KeysPath: {Status: http.StatusGone}},
	})
	s.clock.move(11 * time.Minute)
	s.mustSignIn(t, auth.Begin{})
	if there, here := len(s.op.Requests(moved)), len(s.op.Requests(rogue.KeysPath)); there != 1 || here != 0 {
		t.Errorf("keys were asked for %d times at the new address and %d times at the old one", there, here)
	}
}

// K-3: an attempt counts under its own name only, letter for letter, however its Cookie header is
// split.
func TestAnAttemptCountsUnderItsOwnNameOnly(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{})
	var name, value string
	for name, value = range s.browser.cookies {
	}
	for what, other := range map[string]string{"upper prefix": strings.Replace(name, "__Host-", "__HOST-", 1),
		"lower prefix": strings.ToLower(name), "no prefix": strings.TrimPrefix(name, "__Host-"),
		"other prefix": strings.Replace(name, "__Host-", "__Secure-", 1)} {
		r := (&browser{}).request(http.MethodGet, address)
		r.Header.Set("Cookie", other+"="+value)
		if _, err := s.finishRequest(t, r); !errors.Is(err, auth.ErrNoAttempt) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r := (&browser{}).request(http.MethodGet, address)
	r.Header["Cookie"] = []string{strings.Repeat("other=0123456789; ", 450) + "a=b", name + "=" + value, "c=d"}
	if _, err := s.finishRequest(t, r); err != nil {
		t.Errorf("after 8 KB of others: %v", err)
	}
}

// A clock that jumps while somebody is at the provider ends the attempt, kindly; the next one works
// by the new time.
func TestAClockThatJumpsEndsTheAttemptOnly(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		s := open(t)
		s.mustSignIn(t, auth.Begin{})
		address := s.start(t, auth.Begin{})
		s.clock.move(jump)
		if _, err := s.finish(t, address); !errors.Is(err, auth.ErrNoAttempt) || len(s.op.Requests(rogue.TokenPath)) != 1 {
			t.Errorf("jump of %s: %v", jump, err)
		}
		s.mustSignIn(t, auth.Begin{})
	}
}
