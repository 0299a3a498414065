package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/session/memory"
)

// visitor is a browser before the program, and the program's clock.
type visitor struct {
	t      *testing.T
	url    string
	client *http.Client
	passed *atomic.Int64
	page   string // the last one
}

func open(t *testing.T) *visitor {
	t.Helper()
	v := &visitor{t: t, client: &http.Client{}, passed: &atomic.Int64{}}
	store := memory.New(func() time.Time { return time.Now().Add(time.Duration(v.passed.Load())) })
	p, err := newProgram(store, session.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p.handler())
	t.Cleanup(server.Close)
	v.url = server.URL
	v.client.Jar, _ = cookiejar.New(nil) // never an error
	return v
}

func (v *visitor) pass(d time.Duration) { v.passed.Add(int64(d)) }

func (v *visitor) tag() string {
	u, _ := url.Parse(v.url)
	for _, c := range v.client.Jar.Cookies(u) {
		return c.Value
	}
	return ""
}

func (v *visitor) send(method, path string, form url.Values) int {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.page = string(body)
	return response.StatusCode
}

var token = regexp.MustCompile(`name="form_token" value="([^"]*)"`)

// press loads the page and sends one of its forms.
func (v *visitor) press(path string) {
	v.t.Helper()
	v.send("GET", "/", nil)
	if status := v.send("POST", path, url.Values{"form_token": {token.FindStringSubmatch(v.page)[1]}}); status != 200 {
		v.t.Fatalf("%s: got %d %s, want 200", path, status, v.page)
	}
}

func (v *visitor) signIn() {
	v.t.Helper()
	if status := v.send("POST", "/sign-in", url.Values{"name": {"ada"}, "password": {"lovelace"}}); status != 200 {
		v.t.Fatalf("sign-in: got %d %s, want 200", status, v.page)
	}
}

func (v *visitor) sees(want string) {
	v.t.Helper()
	v.send("GET", "/", nil)
	if !strings.Contains(v.page, want) {
		v.t.Errorf("got %s, want %q in it", v.page, want)
	}
}

func TestTheCounterIsKeptFromRequestToRequest(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.sees("counted to 0")
	if v.tag() != "" {
		t.Errorf("got cookie %q, want none before there is something to remember", v.tag())
	}
	v.press("/count")
	v.press("/count")
	v.sees("counted to 2")
}

func TestSigningInChangesTheCookieAndDropsTheCounter(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.press("/count")
	before := v.tag()
	v.signIn()
	v.sees("Signed in")
	v.sees("counted to 0")
	if v.tag() == before || v.tag() == "" {
		t.Errorf("got cookie %q, want another than before the sign-in", v.tag())
	}
}

func TestTheWrongPasswordSignsNobodyIn(t *testing.T) {
	t.Parallel()
	v := open(t)
	for _, form := range []url.Values{
		{"name": {"ada"}, "password": {"byron"}}, {"name": {"eve"}, "password": {"lovelace"}},
	} {
		if status := v.send("POST", "/sign-in", form); status != http.StatusForbidden || v.tag() != "" {
			t.Errorf("%v: got %d and cookie %q, want 403 and none", form, status, v.tag())
		}
	}
}

func TestBothLimitsEndTheSession(t *testing.T) {
	t.Parallel()
	idle := open(t)
	idle.signIn()
	idle.pass(31 * time.Minute)
	idle.sees("ended: idle")

	absolute := open(t)
	absolute.signIn()
	for range 58 { // more than 24 hours, never 30 minutes without use
		absolute.sees("Signed in")
		absolute.pass(25 * time.Minute)
	}
	absolute.sees("ended: absolute")
}

func TestSigningOutEndsTheSession(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.signIn()
	u, _ := url.Parse(v.url)
	stolen := v.client.Jar.Cookies(u)
	v.press("/sign-out")
	if v.tag() != "" {
		t.Errorf("got cookie %q, want it deleted", v.tag())
	}
	v.client.Jar.SetCookies(u, stolen)
	v.sees("ended: signed_out")
}

func TestAFormFromBeforeTheSessionIsRefused(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.signIn()
	if status := v.send("POST", "/count", url.Values{"form_token": {"another"}}); status != http.StatusForbidden {
		t.Errorf("got %d, want 403", status)
	}
	v.sees("counted to 0")
}

func TestAFormOfAnEndedSessionIsNotAStrangers(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.signIn()
	v.sees("Signed in")
	v.pass(31 * time.Minute)
	v.send("POST", "/count", url.Values{"form_token": {token.FindStringSubmatch(v.page)[1]}})
	if !strings.Contains(v.page, "ended: idle") || !strings.Contains(v.page, "counted to 0") {
		t.Errorf("got %s, want it to say that the session ended, and nothing counted", v.page)
	}
}
