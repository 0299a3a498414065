package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/dev/scripted"
)

// OIDC Back-Channel Logout 1.0 2.4, X-13
func TestALogoutTokenTellsWhoseSessionsEnd(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct{ subject, sid string }{{"alice", "sid-1"}, {"alice", ""}, {"", "sid-1"}} {
		token := s.op.LogoutToken(c.subject, c.sid, scripted.Script{Claims: scripted.Set("unknown", true)})
		told, err := s.VerifyLogout(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if told.Issuer != s.op.Issuer || told.Subject != c.subject || told.Sid != c.sid || len(told.ID) != 43 {
			t.Errorf("told %+v", told)
		}
		if !told.IssuedAt.Equal(s.clock.Now()) || told.Expires.Before(s.clock.Now().Add(2*time.Minute)) {
			t.Errorf("issued %s, expires %s", told.IssuedAt, told.Expires)
		}
	}
}

const event = "http://schemas.openid.net/event/backchannel-logout"

// OIDC Back-Channel Logout 1.0 2.6, ASVS 10.5.5, S-16, X-12
func TestEveryFaultOfALogoutTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	claims := func(f func(map[string]any)) scripted.Script { return scripted.Script{Claims: f} }
	header := func(f func(map[string]any)) scripted.Script { return scripted.Script{Header: f} }
	signed := func(how scripted.Signature) scripted.Script { return scripted.Script{Signature: how} }
	events := func(value any) scripted.Script { return claims(scripted.Set("events", map[string]any{event: value})) }
	for name, c := range map[string]struct {
		script scripted.Script
		want   auth.Check
	}{
		"alg-none":               {signed(scripted.None), auth.CheckSignature},
		"wrong-alg":              {signed(scripted.Elliptic), auth.CheckSignature},
		"alg HS256":              {signed(scripted.PublicKey), auth.CheckSignature},
		"broken signature":       {signed(scripted.Broken), auth.CheckSignature},
		"no-event":               {claims(scripted.Drop("events")), auth.CheckClaims},
		"wrong-event":            {claims(scripted.Set("events", map[string]any{"urn:other": map[string]any{}})), auth.CheckClaims},
		"event null":             {events(nil), auth.CheckEvent},
		"event text":             {events("yes"), auth.CheckEvent},
		"event list":             {events([]any{}), auth.CheckEvent},
		"with-nonce":             {claims(scripted.Set("nonce", "")), auth.CheckClaims},
		"wrong-aud":              {claims(scripted.Append("aud", "1")), auth.CheckClaims},
		"further aud":            {claims(scripted.Set("aud", []string{scripted.ClientID, "other"})), auth.CheckParty},
		"wrong-iss":              {claims(scripted.Append("iss", "1")), auth.CheckClaims},
		"no typ":                 {header(scripted.Drop("typ")), auth.CheckType},
		"typ JWT":                {header(scripted.Set("typ", "JWT")), auth.CheckType},
		"typ at+jwt":             {header(scripted.Set("typ", "at+jwt")), auth.CheckType},
		"no iat":                 {claims(scripted.Drop("iat")), auth.CheckTime},
		"iat eleven minutes ago": {claims(scripted.Shift("iat", -11*time.Minute)), auth.CheckTime},
		"iat two minutes ahead":  {claims(scripted.Shift("iat", 2*time.Minute)), auth.CheckTime},
		"no exp":                 {claims(scripted.Drop("exp")), auth.CheckClaims},
		"exp past":               {claims(scripted.Shift("exp", -4*time.Minute)), auth.CheckClaims},
		"exp far ahead":          {claims(scripted.Shift("exp", 10*time.Minute)), auth.CheckTime},
		"no jti":                 {claims(scripted.Drop("jti")), auth.CheckClaims},
		"40 KB":                  {claims(scripted.Set("padding", strings.Repeat("p", 40<<10))), auth.CheckToken},
		"jti of 256 characters":  {claims(scripted.Set("jti", strings.Repeat("j", 256))), auth.CheckTokenID},
		"jti with NUL":           {claims(scripted.Set("jti", "j\x00")), auth.CheckTokenID},
		"sub with NUL":           {claims(scripted.Set("sub", "alice\x00")), auth.CheckSubject},
		"sid of 256 characters":  {claims(scripted.Set("sid", strings.Repeat("s", 256))), auth.CheckSubject},
		"neither sub nor sid": {claims(func(m map[string]any) {
			delete(m, "sub")
			delete(m, "sid")
		}), auth.CheckClaims},
	} {
		told, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "sid-1", c.script))
		if outcome(err) != string(c.want) || (told != auth.Logout{}) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		s.clock.move(30 * time.Second) // a wrong signature costs a fetch
		if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "sid-1", scripted.Script{})); err != nil {
			t.Fatalf("%s: a correct token afterwards: %v", name, err)
		}
	}
}

func TestWhatIsNoLogoutTokenIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	idToken := s.mustSignIn(t, auth.Begin{}).IDToken
	for name, token := range map[string]string{"empty": "", "rubbish": "a.b.c", "1 MB": strings.Repeat("A", 1<<20), "an ID token": idToken} {
		var refused *auth.Refused
		if _, err := s.VerifyLogout(t.Context(), token); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// C-2
func TestTheLooseSwitchTakesLogoutTokensWithoutTheirTypeOnly(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *auth.Config) { c.LooseLogoutType = true })
	for typ, good := range map[any]bool{nil: true, "JWT": true, "logout+jwt": true, "LOGOUT+JWT": true, "at+jwt": false, "id+jwt": false} {
		script := scripted.Script{Header: scripted.Set("typ", typ)}
		if typ == nil {
			script.Header = scripted.Drop("typ")
		}
		if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", script)); (err == nil) != good {
			t.Errorf("typ %v: %v", typ, err)
		}
	}
}

func TestLogoutWithoutTheProvidersKeysIsAnOutage(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(scripted.Script{Answers: map[string]scripted.Answer{scripted.KeysPath: {Status: 500}}})
	if _, err := s.VerifyLogout(t.Context(), s.op.LogoutToken("alice", "", scripted.Script{})); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}
