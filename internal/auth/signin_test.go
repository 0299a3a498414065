package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/customer"
)

func TestSignInProvesWhoAndHowFresh(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Age: time.Hour})
	authn := s.mustSignIn(t, auth.Begin{ReturnTo: "/checkout/review?x=1", Intent: "checkout"})

	want := customer.Identity{Issuer: s.op.Issuer, Subject: "alice", Name: "Alice", Email: "alice@example.test",
		EmailVerified: true}
	if authn.Identity != want {
		t.Errorf("identity %+v, want %+v", authn.Identity, want)
	}
	if authn.SID != "sid-1" || !authn.IssuedAt.Equal(s.clock.Now()) ||
		!authn.AuthTime.Equal(s.clock.Now().Add(-time.Hour)) {
		t.Errorf("sid %q, issued %s, auth_time %s", authn.SID, authn.IssuedAt, authn.AuthTime)
	}
	if authn.ReturnTo != "/checkout/review?x=1" || authn.Intent != "checkout" {
		t.Errorf("returns to %q with intent %q", authn.ReturnTo, authn.Intent)
	}
	for path, calls := range map[string]int{rogue.DiscoveryPath: 1, rogue.TokenPath: 1, rogue.KeysPath: 1,
		rogue.UserInfoPath: 0} {
		if got := len(s.op.Requests(path)); got != calls {
			t.Errorf("%s was asked %d times, want %d", path, got, calls)
		}
	}
	if len(s.browser.cookies) != 0 {
		t.Error("the attempt's cookie is left")
	}
	for hash, expires := range s.used.used {
		if expires < lifetime {
			t.Errorf("attempt %x is remembered for %s only", hash[:4], expires)
		}
	}
}

// ASVS 10.2.1, 10.2.3, 11.5.1; RFC 9700 2.1.1, 2.1.2; OIDC Core 3.1.2.1
func TestEveryAuthorizationRequestIsCompleteAndItsOwn(t *testing.T) {
	t.Parallel()
	s := open(t)
	seen := map[string]bool{}
	for range 200 {
		address, err := s.begin(t, auth.Begin{})
		if err != nil {
			t.Fatal(err)
		}
		q := query(t, address)
		for name, want := range map[string]string{
			"response_type": "code", "client_id": rogue.ClientID, "redirect_uri": base + "/auth/callback",
			"scope":                 "openid profile email",
			"code_challenge_method": "S256", "max_age": "10800", "prompt": "", "acr_values": "",
		} {
			if q.Get(name) != want {
				t.Fatalf("%s is %q, want %q", name, q.Get(name), want)
			}
		}
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			if value := q.Get(name); len(value) != 43 || seen[value] {
				t.Fatalf("%s %q is short or repeated", name, value)
			}
			seen[q.Get(name)] = true
		}
	}
}

// RFC 6749 2.3.1; S-19
func TestTheClientAuthenticatesByHeaderOnceWithAnAwkwardSecret(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	requests := s.op.Requests(rogue.TokenPath)
	if len(requests) != 1 || !strings.HasPrefix(requests[0].Header.Get("Authorization"), "Basic ") ||
		requests[0].Form.Has("client_secret") {
		t.Errorf("%d token requests, Authorization %q", len(requests), requests[0].Header.Get("Authorization"))
	}
	if v := requests[0].Form.Get("code_verifier"); len(v) != 43 { // RFC 7636 4.1
		t.Errorf("a verifier of %d characters", len(v))
	}
}

// a reauthentication.
func TestReauthenticationMustBeFreshAndOfTheSameSubject(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.mustSignIn(t, auth.Begin{}).Identity
	again := auth.Begin{ExpectSubject: alice, Prompt: "login", MaxAge: 5 * time.Minute}
	for name, c := range map[string]struct {
		script rogue.Script
		want   string
	}{
		"fresh":                   {rogue.Script{}, rogue.Accepted},
		"other subject":           {rogue.Script{Subject: "bob"}, string(auth.CheckSubject)},
		"older than asked for":    {rogue.Script{Age: 7 * time.Minute}, string(auth.CheckAge)},
		"from before the attempt": {rogue.Script{Age: 2 * time.Minute}, string(auth.CheckAge)},
		"without auth_time":       {rogue.Script{Claims: rogue.Drop("auth_time")}, string(auth.CheckAge)},
	} {
		s.op.Follow(c.script)
		address, err := s.begin(t, again)
		if err != nil {
			t.Fatal(err)
		}
		if q := query(t, address); q.Get("prompt") != "login" || q.Get("max_age") != "300" {
			t.Errorf("%s: prompt %q, max_age %q", name, q.Get("prompt"), q.Get("max_age"))
		}
		_, err = s.finish(t, s.visit(t, address))
		if outcome(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// ASVS 6.8.4
func TestAWeakerAuthenticationThanAskedForIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *auth.Config) { c.ACR = []string{"silver"} })
	for name, c := range map[string]struct {
		asked    []string
		returned any
		want     string
	}{
		"as configured":          {nil, "silver", rogue.Accepted},
		"weaker than configured": {nil, "bronze", string(auth.CheckContext)},
		"no acr":                 {nil, "", string(auth.CheckContext)},
		"one of those asked for": {[]string{"gold", "silver"}, "silver", rogue.Accepted},
		"none of those":          {[]string{"gold"}, "silver", string(auth.CheckContext)},
	} {
		s.op.Follow(rogue.Script{Claims: rogue.Set("acr", c.returned)})
		address, err := s.begin(t, auth.Begin{ACR: c.asked})
		if err != nil {
			t.Fatal(err)
		}
		want := "silver"
		if c.asked != nil {
			want = strings.Join(c.asked, " ")
		}
		if asked := query(t, address).Get("acr_values"); asked != want {
			t.Errorf("%s: acr_values %q", name, asked)
		}
		if _, err := s.finish(t, s.visit(t, address)); outcome(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// ASVS 10.5.1: an ID token from another sign-in, replayed by the provider's token endpoint.
func TestAnotherSignInsIDTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	old := s.mustSignIn(t, auth.Begin{}).IDToken
	s.op.Follow(rogue.Script{Instead: old})
	if _, err := s.signIn(t, auth.Begin{}); outcome(err) != string(auth.CheckNonce) {
		t.Errorf("%v", err)
	}
}

// An authentication is never dated after its token, so that the age of a session is never negative.
func TestAgeIsNeverNegative(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Age: -30 * time.Second})
	if authn := s.mustSignIn(t, auth.Begin{}); !authn.AuthTime.Equal(authn.IssuedAt) {
		t.Errorf("got auth_time %s, want %s, as issued", authn.AuthTime, authn.IssuedAt)
	}
}

func TestTheLogHoldsNoSecretAndNoPerson(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Thin: true, Answers: map[string]rogue.Answer{
		rogue.UserInfoPath: {Status: 500, Body: `{"email":"alice@example.test"}`},
	}})
	authn := s.mustSignIn(t, auth.Begin{})
	log := s.log.String()
	if !strings.Contains(log, "userinfo") {
		t.Fatal("nothing was logged")
	}
	for _, secret := range []string{authn.IDToken, "alice", rogue.ClientSecret,
		s.op.Requests(rogue.UserInfoPath)[0].Header.Get("Authorization")[7:]} {
		if strings.Contains(log, secret) {
			t.Errorf("%.20q is in the log", secret)
		}
	}
}

// ASVS 16.2.5: what the token endpoint answers is no part of the error, for it can hold tokens.
func TestAnErrorHoldsNothingOfTheTokenAnswer(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, answer := range map[string]rogue.Answer{
		"refused":  {Status: 400, Body: `{"error":"invalid_grant","error_description":"a-secret","access_token":"a-secret"}`},
		"no JSON":  {Body: "a-secret"},
		"no token": {Body: `{"refresh_token":"a-secret"}`},
		"down":     {Status: 500, Body: "a-secret"},
	} {
		s.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.TokenPath: answer}})
		if _, err := s.signIn(t, auth.Begin{}); err == nil || strings.Contains(err.Error()+s.log.String(), "a-secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOverPlainHTTPTheCookieHasNoPrefixAndIsNotSecure(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *auth.Config) { c.InsecureCookies = true })
	address := s.start(t, auth.Begin{})
	for name := range s.browser.cookies {
		if !strings.HasPrefix(name, "attempt-") {
			t.Errorf("cookie %s", name)
		}
	}
	if _, err := s.finish(t, address); err != nil {
		t.Error(err)
	}
}

func TestNewNamesEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := auth.New(auth.Config{Algorithms: []string{"HS256", "none"}, MaxAge: time.Millisecond,
		LogoutLife: -time.Second})
	for _, want := range []string{"issuer", "own address", "client id", "client secret", "age of an authentication",
		"logout token", "attempt lives", "keys", "used attempts", `"HS256"`, `"none"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in: %v", want, err)
		}
	}
}

// ASVS 12.3.1
func TestAPlainHTTPIssuerMustBeThisMachine(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string]bool{
		"https://id.example": true, "https://id.example/realms/shop": true, "http://localhost:8081": true,
		"http://idp.localhost:8081/realms/shop": true,
		"http://127.0.0.1:8081":                 true, "http://[::1]:8081": true, "http://id.example": false,
		"http://localhost.example": false, "ftp://localhost": false,
		"https://id.example?x=1": false, "https://id.example#x": false, "https://a@id.example": false,
		"https://id.example;x": false, "id.example": false, "": false,
		"https://" + strings.Repeat("a", 255) + ".example": false,
	} {
		c := config(t, issuer)
		if _, err := auth.New(c); (err == nil) != want {
			t.Errorf("%.40q: %v", issuer, err)
		}
	}
	c := config(t, "http://id.example")
	c.InsecureProvider = true
	if _, err := auth.New(c); err != nil {
		t.Errorf("allowed by the switch: %v", err)
	}
}

func TestARefusalNamesItsCheck(t *testing.T) {
	t.Parallel()
	err := error(&auth.RefusedError{Check: auth.CheckNonce, Reason: "missing"})
	var refused *auth.RefusedError
	if !errors.As(fmt.Errorf("finish: %w", err), &refused) || err.Error() != "refused (nonce): missing" {
		t.Errorf("%v", err)
	}
}

// The session layer compares the beginning with the moments of sign-outs, which are microseconds.
func TestASignInKnowsToTheMicrosecondWhenItBegan(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.clock.move(700*time.Millisecond + 3*time.Microsecond)
	began := s.clock.Now()
	got, err := s.signIn(t, auth.Begin{})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Begun.Equal(began) {
		t.Errorf("begun at %v, want %v", got.Begun, began)
	}
}
