package auth_test

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/keyring"
)

const (
	base     = "https://shop.example"
	lifetime = 10 * time.Minute
)

// shop is a provider as the shop sees it, the rogue one behind it, and what both depend on.
type shop struct {
	*auth.Provider
	op      *rogue.Provider
	used    *memory
	clock   *clock
	log     *bytes.Buffer
	hurry   *atomic.Value // path of the endpoint that is given up on after a moment
	browser *browser
}

// open makes a shop; change may alter its settings.
func open(t *testing.T, change ...func(*auth.Config)) *shop {
	t.Helper()
	s := &shop{op: rogue.Start(t), used: &memory{}, clock: newClock(), log: &bytes.Buffer{}, hurry: &atomic.Value{},
		browser: &browser{}}
	s.op.Now = s.clock.Now
	s.op.Redirects = []string{base + "/auth/callback"}
	c := config(t, s.op.Issuer)
	c.Used, c.Now = s.used, s.clock.Now
	c.Log = slog.New(slog.NewJSONHandler(&locked{Buffer: s.log}, nil))
	c.HTTP = auth.NewHTTPClient()
	c.HTTP.Transport = hurried{next: c.HTTP.Transport, at: s.hurry}
	for _, f := range change {
		f(&c)
	}
	s.Provider = newProvider(t, c)
	return s
}

func config(t testing.TB, issuer string) auth.Config {
	t.Helper()
	keys, err := keyring.New(strings.Repeat("k", keyring.MinKeyLength))
	if err != nil {
		t.Fatal(err)
	}
	return auth.Config{
		Issuer: issuer, ClientID: rogue.ClientID, ClientSecret: rogue.ClientSecret, BaseURL: base,
		MaxAge: 3 * time.Hour, AttemptLifetime: lifetime, Keys: keys, Used: &memory{},
	}
}

func newProvider(t *testing.T, c auth.Config) *auth.Provider {
	t.Helper()
	p, err := auth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// begin starts a sign-in in the shop's browser.
func (s *shop) begin(t *testing.T, b auth.Begin) (string, error) {
	t.Helper()
	w := httptest.NewRecorder()
	address, err := s.Begin(t.Context(), w, s.browser.request(http.MethodPost, base+"/login"), b)
	s.browser.take(t, w)
	return address, err
}

// visit goes to the provider and returns where it sends the browser back to.
func (s *shop) visit(t *testing.T, address string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		t.Fatalf("the provider answers %s to %s", response.Status, address)
	}
	return response.Header.Get("Location")
}

// finish brings the shop's browser back.
func (s *shop) finish(t *testing.T, address string) (auth.Authentication, error) {
	t.Helper()
	r := s.browser.request(http.MethodGet, address)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	return s.finishRequest(t, r)
}

func (s *shop) finishRequest(t *testing.T, r *http.Request) (auth.Authentication, error) {
	t.Helper()
	w := httptest.NewRecorder()
	authn, err := s.Finish(t.Context(), w, r)
	s.browser.take(t, w)
	return authn, err
}

// start begins a sign-in and returns the address of the callback with the provider's answer.
func (s *shop) start(t *testing.T, b auth.Begin) string {
	t.Helper()
	address, err := s.begin(t, b)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	return s.visit(t, address)
}

// signIn walks a whole sign-in.
func (s *shop) signIn(t *testing.T, b auth.Begin) (auth.Authentication, error) {
	t.Helper()
	address, err := s.begin(t, b)
	if err != nil {
		return auth.Authentication{}, err
	}
	return s.finish(t, s.visit(t, address))
}

// mustSignIn fails the test unless a sign-in works.
func (s *shop) mustSignIn(t *testing.T, b auth.Begin) auth.Authentication {
	t.Helper()
	authn, err := s.signIn(t, b)
	if err != nil {
		t.Fatalf("a correct sign-in: %v", err)
	}
	if authn.Identity.Issuer != s.op.Issuer || authn.Identity.Subject == "" || authn.IDToken == "" {
		t.Fatalf("a correct sign-in proves %+v", authn.Identity)
	}
	return authn
}

// outcome names how a sign-in ended, in the words of rogue.Fault.
func outcome(err error) string {
	var refused *auth.RefusedError
	switch {
	case err == nil:
		return rogue.Accepted
	case errors.Is(err, auth.ErrCancelled):
		return rogue.Cancelled
	case errors.Is(err, auth.ErrUnavailable):
		return rogue.Unavailable
	case errors.Is(err, auth.ErrNoAttempt):
		return rogue.NoAttempt
	case errors.Is(err, auth.ErrNotAdmitted):
		return rogue.NotAdmitted
	case errors.Is(err, auth.ErrExpired):
		return rogue.Expired
	case errors.As(err, &refused):
		return string(refused.Check)
	}
	return err.Error()
}

// browser is a cookie jar that, unlike net/http's, has no opinion on Secure.
type browser struct {
	cookies map[string]string
}

func (b *browser) request(method, address string) *http.Request {
	r := httptest.NewRequest(method, address, nil)
	for _, name := range slices.Sorted(maps.Keys(b.cookies)) {
		r.AddCookie(&http.Cookie{Name: name, Value: b.cookies[name]})
	}
	return r
}

// take keeps the response's cookies and checks what holds for all of them.
func (b *browser) take(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	seen := map[string]bool{}
	for _, line := range w.Result().Header["Set-Cookie"] {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		if len(line) >= 4096 || seen[c.Name] || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" ||
			c.Domain != "" {
			t.Errorf("cookie %s", line)
		}
		if c.Secure != strings.HasPrefix(c.Name, "__Host-") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("cookie %s, Cache-Control %q", line, w.Header().Get("Cache-Control"))
		}
		seen[c.Name] = true
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		if b.cookies == nil {
			b.cookies = map[string]string{}
		}
		b.cookies[c.Name] = c.Value
	}
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}
