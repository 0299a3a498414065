package app_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/browser"
	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/storefront"
)

// counter is a whole shop, put together as in production, with a rogue provider and a clock that
// stands still. Several may share a database: each has its own provider, and so its own customers.
type counter struct {
	running
	op    *rogue.Provider
	clock *clock
	log   *lines
	pool  *pgxpool.Pool
}

// openCounter opens a shop on a database; prepare may change its provider before the shop has asked
// it anything.
func openCounter(t *testing.T, db string, prepare func(*rogue.Provider)) *counter {
	t.Helper()
	c := &counter{op: rogue.Start(t), clock: newClock()}
	c.op.Now = c.clock.Now
	if prepare != nil {
		prepare(c.op)
	}
	return c.replica(t, db)
}

// replica is one more process of the shop, with the same provider.
func (c *counter) replica(t *testing.T, db string, changes ...string) *counter {
	t.Helper()
	r := &counter{op: c.op, clock: c.clock, log: &lines{}}
	given := append([]string{"ADDR=127.0.0.1:0", "BASE_URL=http://localhost:8080", "DATABASE_URL=" + db, "OIDC_ISSUER=" +
		c.op.Issuer,
		"OIDC_CLIENT_ID=" + rogue.ClientID, "OIDC_CLIENT_SECRET=" + rogue.ClientSecret}, changes...)
	s, err := app.Parse(variables(given...))
	if err != nil {
		t.Fatal(err)
	}
	r.running = run(t, s, app.Options{Log: app.NewLog(r.log, "json"), Rates: &storefront.Rates{}, Now: r.clock.Now})
	r.pool = shoptest.Connect(t, db)
	return r
}

// count runs a query that answers one number.
func (c *counter) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := c.pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
	return n
}

// visitor is a browser.
type visitor struct {
	t       *testing.T
	shop    *counter
	cookies browser.Cookies
	got     []reply // every answer of the shop
}

type reply struct {
	path   string
	status int
	header http.Header
	body   string
	onward string // where the answer leads by itself; mostly ""
}

func (c *counter) visitor(t *testing.T) *visitor {
	return &visitor{t: t, shop: c, cookies: browser.Cookies{}}
}

func (v *visitor) get(path string) reply { v.t.Helper(); return v.send(http.MethodGet, path, "") }

// post sends a form from one of the shop's own pages.
func (v *visitor) post(path, form string) reply {
	v.t.Helper()
	return v.send(http.MethodPost, path, form, "Sec-Fetch-Site", "same-origin")
}

// submit posts a signed-in customer's form, with the token that their pages carry.
func (v *visitor) submit(path, form string) reply {
	v.t.Helper()
	_, rest, _ := strings.Cut(v.get("/account").body, `name="form_token" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	return v.post(path, form+"&form_token="+url.QueryEscape(token))
}

func (v *visitor) send(method, path, form string, headers ...string) reply {
	v.t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(v.t.Context()), method, v.shop.url+path,
		strings.NewReader(form))
	if err != nil {
		v.t.Error(err)
		return reply{}
	}
	r.Host = "localhost:8080"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, body, err := v.cookies.Do(r)
	if err != nil {
		v.t.Error(err)
		return reply{}
	}
	v.got = append(v.got, reply{path: path, status: response.StatusCode, header: response.Header, body: body,
		onward: browser.Onward(response, body)})
	if to := response.Header.Get("Location"); strings.HasPrefix(to, "/login?") && strings.Contains(to, "problem=") {
		return v.get(to) // a failed sign-in is explained at an address without the code
	}
	return v.got[len(v.got)-1]
}

// signIn presses the button, lets the provider answer, and returns the answer to the callback, or
// to the button when it leads nowhere.
func (v *visitor) signIn(returnTo string) reply {
	v.t.Helper()
	back, pressed := v.comeBack("return_to=" + url.QueryEscape(returnTo))
	if back == "" {
		return pressed
	}
	return v.get(back)
}

// comeBack presses the button and returns the path with which the provider sends the browser back,
// or "" and what the shop said.
func (v *visitor) comeBack(form string) (path string, pressed reply) {
	v.t.Helper()
	pressed = v.post("/login", form)
	if pressed.status != http.StatusOK || !strings.HasPrefix(pressed.onward, v.shop.op.Issuer) {
		return "", pressed
	}
	return v.visit(pressed.onward), pressed
}

// visit goes to an address of the provider and returns the path of ours with which it sends the
// browser back.
func (v *visitor) visit(address string) (path string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(v.t.Context()), http.MethodGet, address, http.NoBody)
	if err != nil {
		v.t.Error(err)
		return ""
	}
	response, _, err := browser.Cookies{}.Do(r) // the provider of these tests sets none
	if err != nil {
		v.t.Error(err)
		return ""
	}
	return strings.TrimPrefix(response.Header.Get("Location"), "http://localhost:8080")
}

// clock stands still until it is moved.
type clock struct{ ahead, start atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.start.Store(time.Now().Unix())
	return c
}

func (c *clock) Now() time.Time { return time.Unix(c.start.Load()+c.ahead.Load(), 0) }

func (c *clock) move(by time.Duration) { c.ahead.Add(int64(by / time.Second)) }

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String implements fmt.Stringer.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}
