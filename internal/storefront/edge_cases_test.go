package storefront_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
)

// limited is a shop whose database role has the rights of a running shop and no others, and the
// name of that role.
func limited(t *testing.T) (s *shop, role string) {
	t.Helper()
	s = newShop(t, func(c *storefront.Config) {
		owner := c.Carts.(*postgres.Store).Pool()
		must(t, owner.QueryRow(t.Context(), `SELECT 'corner_' || current_database()`).Scan(&role))
		_, err := owner.Exec(t.Context(), `CREATE ROLE `+role)
		must(t, err)
		t.Cleanup(func() {
			for _, sql := range []string{`DROP OWNED BY ` + role, `DROP ROLE ` + role} {
				if _, err := owner.Exec(context.WithoutCancel(t.Context()), sql); err != nil {
					t.Error(err)
				}
			}
		})
		must(t, postgres.Grant(t.Context(), owner.Config().ConnString(), role))
		config, err := pgxpool.ParseConfig(owner.Config().ConnString())
		must(t, err)
		config.ConnConfig.RuntimeParams["role"] = role
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		must(t, err)
		t.Cleanup(pool.Close)
		store := postgres.New(pool)
		c.Catalog, c.Carts, c.Orders = freshCatalog{store}, store, store
		c.Sessions, err = session.New(session.Config{
			Store: store, Devices: store, Logouts: store, Keys: c.Keys, Limits: session.DefaultLimits, Log: c.Log,
			Unavailable: func(w http.ResponseWriter, r *http.Request, err error) { s.handler.Unavailable(w, r, err) },
		})
		must(t, err)
	})
	return s, role
}

// without takes a right away while f runs.
func (s *shop) without(role, right string, f func()) {
	s.t.Helper()
	s.exec(`REVOKE ` + right + ` FROM ` + role)
	f()
	s.exec(`GRANT ` + right + ` TO ` + role)
}

// ASVS 16.5.2, 16.5.3: a database role that lost a right is a fault of ours. Nobody is signed out
// by it, and nobody in.
func TestALostRightSignsNobodyOutAndNobodyIn(t *testing.T) {
	t.Parallel()
	s, role := limited(t)
	ann, visitor := s.shopper("ann"), s.visitor()
	visitor.post("/cart/lines", "sku", "UMB-1")
	tag, form := ann.cookies["__Host-tag"], ann.token("/account")
	fails := func(r reply) {
		t.Helper()
		if r.StatusCode != http.StatusInternalServerError && r.StatusCode != http.StatusServiceUnavailable ||
			strings.Contains(r.Header.Get("Set-Cookie"), "__Host-tag") {
			t.Errorf("%s %s: %d, Set-Cookie %q", r.Request.Method, r.Request.URL.Path, r.StatusCode, r.Header.Get("Set-Cookie"))
		}
		wantNoBody(t, r, "Your cart is empty", "signed you out", "permission denied", role)
	}
	for _, table := range []string{"sessions", "customers", "carts"} {
		s.without(role, "SELECT ON "+table, func() {
			fails(ann.get("/account"))
			fails(ann.get("/cart"))
			fails(ann.post("/logout", "form_token", form))
		})
	}
	s.without(role, "UPDATE ON sessions", func() {
		s.exec(`UPDATE sessions SET last_used = last_used - interval '2 minutes'`)
		wantStatus(t, ann.get("/account"), http.StatusOK) // a use that cannot be recorded costs no page
		fails(ann.post("/logout", "form_token", form))    // but a sign-out that cannot be written is none
		fails(visitor.get(visitor.comeBack("bob", "")))
	})
	s.without(role, "INSERT ON sessions", func() {
		fails(visitor.get(visitor.comeBack("bob", "")))
		fails(s.visitor().post("/cart/lines", "sku", "HAT-1"))
	})
	s.logoutOf("logout-token", "ann")
	for _, table := range []string{"used_logout_tokens", "logout_marks"} {
		s.without(role, "INSERT ON "+table, func() { // the provider's logout is not done, and the answer says so
			wantStatus(t, s.tell(url.Values{"logout_token": {"logout-token"}}), http.StatusBadRequest)
			wantStatus(t, ann.get("/account"), http.StatusOK)
		})
	}
	s.without(role, "SELECT ON logout_marks", func() { fails(visitor.get(visitor.comeBack("bob", ""))) })
	if r := ann.get("/account"); r.StatusCode != http.StatusOK || ann.cookies["__Host-tag"] != tag {
		t.Errorf("with its rights back: %d, tag kept: %v", r.StatusCode, ann.cookies["__Host-tag"] == tag)
	}
	wantBody(t, visitor.get("/cart"), `data-sku="UMB-1" data-quantity="1"`, `data-signed-in="false"`)
	if n := s.count(`SELECT count(*) FROM customers`); n != 1 || !strings.Contains(s.logged(), "permission denied") {
		t.Errorf("%d customers, want ann alone, and the log must say what is wrong", n)
	}
	wantStatus(t, s.tell(url.Values{"logout_token": {"logout-token"}}), http.StatusOK)
	wantLocation(t, ann.get("/account"), "/login?return_to=%2Faccount")
}

// ASVS 7.4.2: the session of a customer who was deleted is nobody's, and who comes again is
// somebody new.
func TestADeletedCustomerIsAStranger(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.shopper("ann")
	ann.toReview()
	form := ann.token("/account")
	phone := ann.twin()
	s.exec(`DELETE FROM customers`)
	for _, r := range []reply{ann.get("/account"), phone.post("/cart/lines", "sku", "HAT-1", "form_token", form)} {
		wantStatus(t, r, http.StatusSeeOther)
	}
	wantNoBody(t, ann.get("/cart"), "Customer ann", `data-sku=`)
	wantLocation(t, ann.signIn("ann", "/checkout/address"), "/checkout/address")
	wantNoBody(t, ann.get("/checkout/address"), "Hook Street 1")
	wantBody(t, ann.get("/account"), `data-signed-in="true"`, `data-cart-count="0"`)
}

// Requests that a browser sends ahead on one connection are answered in order, each by the session
// as it is by then.
func TestPipelinedRequestsSeeTheSessionAsItIsByThen(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.shopper("ann")
	form := "form_token=" + ann.token("/account")
	host := strings.TrimPrefix(s.url, "http://")
	c, err := net.Dial("tcp", host)
	must(t, err)
	defer c.Close()
	head := fmt.Sprintf("Host: %s\r\nCookie: __Host-tag=%s\r\nSec-Fetch-Site: same-origin\r\n", host,
		ann.cookies["__Host-tag"])
	get := "GET /account HTTP/1.1\r\n" + head + "\r\n"
	out := fmt.Sprintf("POST /logout HTTP/1.1\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", head, formType,
		len(form), form)
	_, err = fmt.Fprint(c, get, out, get, get)
	must(t, err)
	answers := bufio.NewReader(c)
	for i, want := range []struct {
		status int
		cookie bool
	}{{http.StatusOK, false}, {http.StatusOK, true}, {http.StatusSeeOther, false}, {http.StatusSeeOther, false}} {
		r, err := http.ReadResponse(answers, nil)
		must(t, err)
		body := new(strings.Builder)
		_, err = bufio.NewReader(r.Body).WriteTo(body)
		must(t, err)
		r.Body.Close()
		if r.StatusCode != want.status || (len(r.Header.Values("Set-Cookie")) > 0) != want.cookie ||
			strings.Contains(body.String(), "Customer ann") != (i == 0) {
			t.Errorf("answer %d: %d, cookies %q", i+1, r.StatusCode, r.Header.Values("Set-Cookie"))
		}
	}
}

// K-3, K-7: the tag is found however the browser splits and fills its Cookie headers, and only
// under its own name, letter for letter.
func TestTheTagIsFoundInAnyCookieHeaderAndUnderNoOtherName(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.shopper("ann")
	tag := ann.cookies["__Host-tag"]
	many := strings.Repeat("other=0123456789; ", 8<<10/18)
	for name, c := range map[string]struct {
		lines []string
		want  int
	}{
		"last of 8 KB":           {[]string{many + "__Host-tag=" + tag}, 200},
		"after a header of 8 KB": {[]string{strings.TrimSuffix(many, "; "), "__Host-tag=" + tag}, 200},
		"between two":            {[]string{"a=1", "__Host-tag=" + tag, "b=2"}, 200},
		"beside names that resemble": {[]string{"__Host-tag2=x; _Host-tag=x; __Host-tags=x; tag=x; __Secure-tag=x",
			"__Host-tag=" + tag}, 200},
		"beside its own odd cases":  {[]string{"__host-tag=x; __HOST-TAG=x", "__Host-tag=" + tag}, 200},
		"upper case":                {[]string{"__HOST-TAG=" + tag}, 303},
		"upper prefix":              {[]string{"__HOST-tag=" + tag}, 303},
		"lower prefix":              {[]string{"__host-tag=" + tag}, 303},
		"name in upper case":        {[]string{"__Host-Tag=" + tag}, 303},
		"other prefix":              {[]string{"__Secure-tag=" + tag}, 303},
		"no prefix":                 {[]string{"tag=" + tag}, 303},
		"no-break space before":     {[]string{"\u00a0__Host-tag=" + tag}, 303},
		"twice in two headers":      {[]string{"__Host-tag=" + tag, "__Host-tag=" + tag}, 303},
		"twice within 8 KB":         {[]string{"__Host-tag=" + tag + "; " + many + "__Host-tag=x"}, 303},
		"of 8 KB":                   {[]string{"__Host-tag=" + tag + strings.Repeat("x", 8<<10)}, 303},
		"in quotes of another kind": {[]string{"__Host-tag='" + tag + "'"}, 303},
	} {
		if got := s.rawGet("/account", c.lines); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// The shop's own clock may jump: when a session ends is the database's to say. What the clock alone
// decides gives up early rather than late.
func TestAClockThatJumpsEndsNoSessionAndProlongsNone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.shopper("ann")
	for _, jump := range []time.Duration{-100 * 24 * time.Hour, 100 * 24 * time.Hour, 0} {
		s.clock.Store(int64(jump))
		wantStatus(t, ann.get("/account"), http.StatusOK)
		wantLocation(t, ann.submit("/cart/lines", "sku", "UMB-1"), "/cart")
		ann.submit("/cart/lines/UMB-1", "quantity", "0")
		other := s.visitor()
		other.signIn("bob", "")
		wantStatus(t, other.get("/account"), http.StatusOK)
	}
	s.clock.Store(int64(-100 * 24 * time.Hour))
	s.goIdle()
	wantLocation(t, ann.get("/account"), "/login?return_to=%2Faccount")
}

// A key that is taken away while its tags are in use makes them nobody's; it takes nothing from the
// row, and with the key back they are good again.
func TestAKeyTakenAwayMakesItsTagsNobodys(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.shopper("ann")
	tag := ann.cookies["__Host-tag"]
	restarted := func(secrets ...string) {
		ring, err := keyring.New(secrets...)
		must(t, err)
		s.build([]setting{func(c *storefront.Config) {
			c.Keys = ring
			c.Sessions, err = session.New(session.Config{Store: s.store, Devices: s.store, Logouts: s.store, Keys: ring,
				Limits: session.DefaultLimits, Log: c.Log,
				Unavailable: func(w http.ResponseWriter, r *http.Request, err error) { s.handler.Unavailable(w, r, err) }})
			must(t, err)
		}})
	}
	const old, young = "a key for tests only, 32 characters long", "another key for tests, 32 characters long"
	restarted(young)
	wantLocation(t, ann.get("/account"), "/login?return_to=%2Faccount")
	if ann.cookies["__Host-tag"] != tag || s.count(`SELECT count(*) FROM sessions WHERE ended IS NULL`) != 1 {
		t.Error("the tag of a key that this replica lacks was deleted, or the row has gone")
	}
	restarted(young, old)
	ann.cookies["__Host-tag"] = tag
	form := ann.token("/account")
	if ann.cookies["__Host-tag"] == tag {
		t.Error("the tag was not signed again")
	}
	restarted(young)
	wantLocation(t, ann.post("/cart/lines", "sku", "UMB-1", "form_token", form), "/cart")
	wantRedirectPage(t, ann.submit("/logout"), "/signed-out")
}
