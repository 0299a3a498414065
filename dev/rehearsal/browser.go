package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"hookandtag.example/shop/dev/browser"
)

// client is a browser: it keeps cookies and follows what leads on.
type client struct {
	base, issuer string
	cookies      map[string]browser.Cookies // by host
	heard        func(heard)
	pace         func(context.Context)
}

// heard is one answer of the shop, or that there was none.
type heard struct {
	at     time.Time
	took   time.Duration
	method string
	path   string
	status int // 0: none
	err    error
}

type reply struct {
	status   int
	location string
	body     string
	onward   string
}

func newClient(s *stage, hear func(heard)) *client {
	return &client{base: s.base(), issuer: s.issuer(), cookies: map[string]browser.Cookies{}, heard: hear,
		pace: func(ctx context.Context) { s.pace(ctx) }}
}

func (c *client) get(ctx context.Context, path string) (reply, error) {
	return c.send(ctx, http.MethodGet, c.base+path, nil)
}

func (c *client) post(ctx context.Context, path string, form url.Values) (reply, error) {
	return c.send(ctx, http.MethodPost, c.base+path, form)
}

func (c *client) send(ctx context.Context, method, address string, form url.Values) (reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return reply{}, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	ours := strings.HasPrefix(address, c.base)
	if ours {
		c.pace(ctx)
	}
	began := time.Now()
	got, err := c.ask(r)
	if ours && ctx.Err() == nil {
		c.heard(heard{at: began, took: time.Since(began), method: method, path: r.URL.Path, status: got.status, err: err})
	}
	return got, err
}

func (c *client) ask(r *http.Request) (reply, error) {
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
	defer cancel()
	jar := c.cookies[r.URL.Host]
	if jar == nil {
		jar = browser.Cookies{}
		c.cookies[r.URL.Host] = jar
	}
	answer, body, err := jar.Do(r.WithContext(ctx))
	if err != nil {
		return reply{}, err
	}
	return reply{answer.StatusCode, answer.Header.Get("Location"), body, browser.Onward(answer, body)}, nil
}

// signUp makes an account at the provider and signs in with it.
func (c *client) signUp(ctx context.Context, name string) error {
	at, err := c.post(ctx, "/login", url.Values{"return_to": {"/account"}, "create": {"1"}})
	if err != nil {
		return err
	}
	for range 10 {
		switch {
		case at.status == http.StatusOK && at.onward == "" && hidden(at.body, "request") != "":
			at, err = c.send(ctx, http.MethodPost, c.issuer+"/register", url.Values{"request": {hidden(at.body, "request")},
				"name": {name}, "email": {name + "@example.test"}, "password": {"a long password"}, "action": {"create"}})
		case at.onward != "":
			at, err = c.send(ctx, http.MethodGet, at.onward, nil)
		case c.signedIn(at, name):
			return nil
		default:
			return fmt.Errorf("%s cannot sign in: %d", name, at.status)
		}
		if err != nil {
			return err
		}
	}
	return errors.New("the sign-in leads round and round")
}

// signedIn reports whether a page is an account page of that name.
func (c *client) signedIn(r reply, name string) bool {
	return r.status == http.StatusOK && strings.Contains(r.body, name+"@example.test")
}

func hidden(body, name string) string {
	return found(body, `name="`+name+`" value="([^"]*)"`)
}

func found(text, pattern string) string {
	if match := regexp.MustCompile(pattern).FindStringSubmatch(text); match != nil {
		return match[1]
	}
	return ""
}
