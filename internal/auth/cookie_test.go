package auth_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/keyring"
)

func TestForeignAttemptCookiesAreIgnoredAndCleared(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{})
	name := slices.Sorted(maps.Keys(s.browser.cookies))[0]
	good := s.browser.cookies[name]
	other := strings.TrimSuffix(name, name[len(name)-1:]) + "x"
	for what, value := range map[string]string{"rubbish": "rubbish", "another attempt's": good, "cut": good[:40],
		"long": strings.Repeat("A", 3000)} {
		s.browser.cookies = map[string]string{other: value, name: good}
		if _, err := s.begin(t, auth.Begin{}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if _, left := s.browser.cookies[other]; left || s.browser.cookies[name] != good {
			t.Errorf("%s: the foreign cookie is left, or the good one gone", what)
		}
	}
	for what, value := range map[string]string{"rubbish": "rubbish", "changed": good[:len(good)-2] + "AA", "empty": ""} {
		s.browser.cookies = map[string]string{name: value}
		if _, err := s.finish(t, address); !errors.Is(err, auth.ErrNoAttempt) || len(s.browser.cookies) != 0 {
			t.Errorf("%s: %v, %d cookies left", what, err, len(s.browser.cookies))
		}
	}
}

// K-4: nobody can tell which of two cookies with one name is ours.
func TestTwoCookiesOfOneNameAreNoAttempt(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{})
	r := s.browser.request(http.MethodGet, address)
	for name := range s.browser.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: "evil"})
	}
	if _, err := s.finishRequest(t, r); !errors.Is(err, auth.ErrNoAttempt) || s.used.count() != 0 {
		t.Errorf("%v, %d used up", err, s.used.count())
	}
}

// reseal alters the only attempt of the shop's browser, as nobody without the key can.
func (s *shop) reseal(t *testing.T, change func(text string) string) {
	t.Helper()
	keys := config(t, s.op.Issuer).Keys
	for name, value := range s.browser.cookies {
		text, err := keys.Open(keyring.Attempt, value, name)
		if err != nil {
			t.Fatal(err)
		}
		s.browser.cookies[name] = keys.Seal(keyring.Attempt, []byte(change(string(text))), name)
	}
}

// ASVS 10.5.1: what is missing on both sides is not equal.
func TestAnEmptyNonceMatchesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(rogue.Script{Claims: rogue.Drop("nonce")})
	address := s.start(t, auth.Begin{})
	nonce := query(t, address).Get("nonce")
	s.reseal(t, func(text string) string {
		i := strings.Index(text, `"n":"`) + len(`"n":"`)
		return text[:i] + text[i+43:]
	})
	if _, err := s.finish(t, address); outcome(err) != string(auth.CheckNonce) {
		t.Errorf("nonce %q: %v", nonce, err)
	}
}

// ASVS 10.1.2: the state itself is compared, not only the name it gives the cookie.
func TestAnAttemptWithAnotherStateIsNone(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{})
	s.reseal(t, func(text string) string { return strings.Replace(text, `"s":"`, `"s":"x`, 1) })
	if _, err := s.finish(t, address); !errors.Is(err, auth.ErrNoAttempt) {
		t.Errorf("%v", err)
	}
}

func TestExpiredAttemptsMakeRoom(t *testing.T) {
	t.Parallel()
	s := open(t)
	for range 5 {
		s.start(t, auth.Begin{})
	}
	s.clock.move(lifetime)
	s.start(t, auth.Begin{})
	if len(s.browser.cookies) != 1 {
		t.Errorf("%d attempts are left", len(s.browser.cookies))
	}
}

// K-1
func TestHoweverManyFalseAttemptsTheAnswerStaysSmall(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := s.browser.request(http.MethodPost, base+"/login")
	for i := range 50 {
		for range 2 {
			r.AddCookie(&http.Cookie{Name: fmt.Sprintf("__Host-attempt-%d", i), Value: "x"})
		}
	}
	w := httptest.NewRecorder()
	if _, err := s.Begin(t.Context(), w, r, auth.Begin{}); err != nil {
		t.Fatal(err)
	}
	s.browser.take(t, w)
	if lines := len(w.Result().Header["Set-Cookie"]); lines < 10 || lines > 21 {
		t.Errorf("%d cookies are set", lines)
	}
}

// ASVS 10.1.2: the browser lets an attempt go when the shop would not take it any more.
func TestTheBrowserForgetsAnAttemptWhenItEnds(t *testing.T) {
	t.Parallel()
	s := open(t)
	w := httptest.NewRecorder()
	if _, err := s.Begin(t.Context(), w, s.browser.request(http.MethodPost, base+"/login"), auth.Begin{}); err != nil {
		t.Fatal(err)
	}
	if c := w.Result().Cookies()[0]; c.MaxAge != int(lifetime.Seconds()) || !c.Expires.IsZero() {
		t.Errorf("%s lives %d s", c.Name, c.MaxAge)
	}
}

func TestWhatDoesNotFitIntoACookieIsNotBegun(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, b := range map[string]auth.Begin{"intent": {Intent: strings.Repeat("i", 33)},
		"acr": {ACR: []string{strings.Repeat("a", 2000)}}} {
		if _, err := s.begin(t, b); err == nil || errors.Is(err, auth.ErrUnavailable) || len(s.browser.cookies) != 0 {
			t.Errorf("%s: %v, %d cookies", name, err, len(s.browser.cookies))
		}
	}
}

// ASVS 3.7.2
func TestAReturnToAnotherSiteIsDropped(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, to := range []string{"//evil.example", "https://evil.example/", "/login"} {
		if authn := s.mustSignIn(t, auth.Begin{ReturnTo: to}); authn.ReturnTo != "" {
			t.Errorf("%s: returns to %q", to, authn.ReturnTo)
		}
	}
}

// ASVS 7.4.1, K-1, K-7: false attempts in front, each twice, hide none that is genuine.
func TestSigningOutDropsTheAttemptsInASmallAnswer(t *testing.T) {
	t.Parallel()
	s := open(t)
	for range 3 {
		s.start(t, auth.Begin{})
	}
	genuine := s.browser.cookies
	r := httptest.NewRequest(http.MethodPost, base+"/logout", nil)
	for i := range 200 {
		r.AddCookie(&http.Cookie{Name: fmt.Sprintf("__Host-attempt-%d", i/2), Value: "x"})
	}
	for name, value := range genuine {
		r.Header.Add("Cookie", name+"="+value+"; "+name+"="+value)
	}
	w := httptest.NewRecorder()
	s.Drop(w, r)
	cleared := map[string]int{}
	for _, c := range w.Result().Cookies() {
		cleared[c.Name]++
		if c.MaxAge >= 0 || cleared[c.Name] > 1 {
			t.Errorf("%s lives %d s and is set %d times", c.Name, c.MaxAge, cleared[c.Name])
		}
	}
	for name := range genuine {
		if cleared[name] == 0 {
			t.Errorf("%s, a genuine attempt, is left", name)
		}
	}
	if len(cleared) != 20 {
		t.Errorf("%d cookies are set", len(cleared))
	}
}

// crowded is a browser in which tabs began so many sign-ins at once, none seeing the others'
// attempts, that no more fit into the 16 KiB of a request's header. It returns where they lead, the
// oldest first.
func (s *shop) crowded(t *testing.T) (addresses []string) {
	t.Helper()
	jar := map[string]string{}
	for range 35 {
		s.browser = &browser{}
		address, err := s.begin(t, auth.Begin{})
		if err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, address)
		maps.Copy(jar, s.browser.cookies)
		s.clock.move(time.Second)
	}
	s.browser.cookies = jar
	return addresses
}

// K-1, K-7
func TestOfManyAttemptsBegunAtOnceTheNextLeavesTheFourNewest(t *testing.T) {
	t.Parallel()
	s := open(t)
	begun := s.crowded(t)
	r := s.browser.request(http.MethodPost, base+"/login")
	for i := range 50 {
		r.AddCookie(&http.Cookie{Name: fmt.Sprintf("__Host-attempt-%d", i), Value: "x"})
	}
	w := httptest.NewRecorder()
	if _, err := s.Begin(t.Context(), w, r, auth.Begin{}); err != nil {
		t.Fatal(err)
	}
	s.browser.take(t, w)
	if size := len(strings.Join(w.Result().Header["Set-Cookie"], "")); size > 6<<10 || len(s.browser.cookies) != 5 {
		t.Errorf("%d bytes of Set-Cookie leave %d attempts, want at most 6 KiB and 5", size, len(s.browser.cookies))
	}
	for i, address := range begun[30:] {
		if _, err := s.finish(t, s.visit(t, address)); (err == nil) != (i > 0) {
			t.Errorf("attempt %d of 35: %v", 31+i, err)
		}
	}
}

// ASVS 7.4.1: one begun before a sign-out must not finish after it.
func TestSigningOutDropsEveryAttemptHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.crowded(t)
	w := httptest.NewRecorder()
	s.Drop(w, s.browser.request(http.MethodPost, base+"/logout"))
	s.browser.take(t, w)
	if n := len(s.browser.cookies); n != 0 {
		t.Errorf("%d attempts are left, want none", n)
	}
}
