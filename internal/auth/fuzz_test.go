package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// Whatever comes to the callback in whatever cookie, without a sign-in begun here nothing is used
// up and nobody is asked anything.
func FuzzCallback(f *testing.F) {
	f.Add("state=a&code=b", "__Host-attempt-0000000000000000=x")
	f.Add("state=a&state=b&code=%00", "__Host-attempt-=;__Host-attempt-")
	f.Add("error=access_denied&error_description=%0d%0a&state=", "attempt-a=\"\"")
	f.Add("%zz;;&&=", "\xff=\xff")
	f.Fuzz(func(t *testing.T, query, cookie string) {
		p, used, op := fuzzed(t)
		r := httptest.NewRequest(http.MethodGet, base+"/auth/callback", nil)
		r.URL.RawQuery = query
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		authn, err := p.Finish(t.Context(), w, r)
		if _, ok := errors.AsType[*auth.RefusedError](err); !ok && !errors.Is(err, auth.ErrNoAttempt) {
			t.Errorf("%v", err)
		}
		if (authn != auth.Authentication{}) || used.count() != 0 || len(op.Requests("")) != 0 {
			t.Errorf("something happened: %+v", authn)
		}
		if _, err := p.Begin(t.Context(), w, r, auth.Begin{ReturnTo: query}); err != nil {
			t.Errorf("begin: %v", err)
		}
	})
}

// No text is a logout token but one that the provider signed.
func FuzzLogoutToken(f *testing.F) {
	op := rogue.New(issuer)
	good := op.LogoutToken("alice", "sid-1", rogue.Script{Claims: rogue.Shift("exp", -24*time.Hour)})
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(op.LogoutToken("alice", "", rogue.Script{Signature: rogue.None}))
	f.Add("a.b.c")
	f.Add(`{"payload":"e30","signatures":[{},{}]}`)
	p, _, _ := fuzzed(f)
	f.Fuzz(func(t *testing.T, token string) {
		logout, err := p.VerifyLogout(t.Context(), token)
		var refused *auth.RefusedError
		if !errors.As(err, &refused) || (logout != auth.Logout{}) {
			t.Fatalf("%+v, %v", logout, err)
		}
		if strings.ContainsFunc(refused.Reason, func(r rune) bool { return r < ' ' || r > '~' }) ||
			len(refused.Reason) > 200 {
			t.Errorf("reason %q", refused.Reason)
		}
	})
}

func fuzzed(t testing.TB) (*auth.Provider, *memory, *rogue.Provider) {
	return fuzzedAt(t, time.Now)
}

func fuzzedAt(t testing.TB, now func() time.Time) (*auth.Provider, *memory, *rogue.Provider) {
	op, used := rogue.New(issuer), &memory{}
	op.Now = now
	c := config(t, issuer)
	c.Used, c.Now, c.HTTP = used, now, &http.Client{Transport: inProcess{op}}
	p, err := auth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p, used, op
}
