package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// OIDC Core 5.3.2: name and e-mail come from the userinfo endpoint when the ID token has none.
func TestUserInfoFillsInWhatTheIDTokenLacks(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Thin: true})
	who := s.mustSignIn(t, auth.Begin{}).Identity
	if who.Name != "Alice" || who.Email != "alice@example.test" || !who.EmailVerified {
		t.Errorf("identity %+v", who)
	}
	asked := s.op.Requests(rogue.UserInfoPath)
	// RFC 9700 4.3.2
	if len(asked) != 1 || !strings.HasPrefix(asked[0].Header.Get("Authorization"), "Bearer ") || len(asked[0].Query) != 0 {
		t.Errorf("userinfo was asked so: %+v", asked)
	}
}

func TestUserInfoIsAskedWhateverIsMissingAndOnlyThen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change       func(map[string]any)
		asked        int
		shown, email string
	}{
		"the name":   {rogue.Drop("name"), 1, "Somebody", "alice@example.test"},
		"the e-mail": {rogue.Drop("email"), 1, "Alice", "somebody@example.test"},
		"nothing":    {nil, 0, "Alice", "alice@example.test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			somebody := func(m map[string]any) { m["name"], m["email"] = "Somebody", "somebody@example.test" }
			s.op.Follow(rogue.Script{Claims: c.change, UserInfo: somebody})
			who := s.mustSignIn(t, auth.Begin{}).Identity
			if asked := len(s.op.Requests(rogue.UserInfoPath)); asked != c.asked || who.Name != c.shown ||
				who.Email != c.email {
				t.Errorf("asked %d times, want %d; identity %+v, want %s, %s", asked, c.asked, who, c.shown, c.email)
			}
		})
	}
}

// OIDC Core 5.3.2: an answer may say whom it is for and from, as a signed one does; then it has to
// be right.
func TestAUserInfoAnswerThatSaysWhomItIsForIsHeldToIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claim string
		value any
		want  string
	}{
		"the shop":                  {"aud", rogue.ClientID, rogue.Accepted},
		"the shop alone":            {"aud", []string{rogue.ClientID}, rogue.Accepted},
		"the shop, too":             {"aud", []string{"other", rogue.ClientID}, rogue.Accepted},
		"another":                   {"aud", "other", string(auth.CheckUserInfo)},
		"others":                    {"aud", []string{"other", "another"}, string(auth.CheckUserInfo)},
		"no list of texts":          {"aud", []any{rogue.ClientID, 5}, string(auth.CheckUserInfo)},
		"a number":                  {"aud", 5, string(auth.CheckUserInfo)},
		"an issuer that is no text": {"iss", 5, string(auth.CheckUserInfo)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.op.Follow(rogue.Script{Thin: true, UserInfo: rogue.Set(c.claim, c.value)})
			if _, err := s.signIn(t, auth.Begin{}); outcome(err) != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// An operator learns why a name is missing, where the reason cannot hold what the endpoint
// answered.
func TestTheLogSaysWhyUserInfoWasLeftOut(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]rogue.Answer{"EOF": {Drop: true},
		"no usable answer": {Status: http.StatusInternalServerError, Body: "alice@example.test"}} {
		s := open(t)
		s.op.Follow(rogue.Script{Thin: true, Answers: map[string]rogue.Answer{rogue.UserInfoPath: answer}})
		s.mustSignIn(t, auth.Begin{})
		if log := s.log.String(); !strings.Contains(log, "userinfo left out") || !strings.Contains(log, want) ||
			strings.Contains(log, "alice@") {
			t.Errorf("want %q in %s", want, log)
		}
	}
}

func TestNamesAreShownWithoutTricks(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Claims: func(m map[string]any) {
		m["name"], m["email"], m["email_verified"] = " Al\u200bi\u202ece\r\n\x00e\u0301"+strings.Repeat("e", 500),
			strings.Repeat("e", 255)+"@example.test", "true"
	}})
	who := s.mustSignIn(t, auth.Begin{}).Identity
	if !strings.HasPrefix(who.Name, "Alice \u00e9eee") || utf8.RuneCountInString(who.Name) > 100 || who.Email != "" ||
		!who.EmailVerified {
		t.Errorf("identity %+v", who)
	}
}

// OIDC Core 5.3.2: an answer that names its issuer counts when that is ours.
func TestUserInfoThatNamesItsIssuerCounts(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Thin: true, UserInfo: rogue.Set("iss", s.op.Issuer)})
	if authn := s.mustSignIn(t, auth.Begin{}); authn.Identity.Name != "Alice" {
		t.Errorf("got the name %q, want Alice", authn.Identity.Name)
	}
}
