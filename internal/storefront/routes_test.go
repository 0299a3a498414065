package storefront_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/storefront"
)

// openToAll are the routes that ask nobody who they are. A new route is for customers only unless
// it is put down here.
var openToAll = []string{
	"GET /", "GET /products", "GET /products/{slug}", "GET /cookies", // the shop window
	"GET /delivery", "GET /contact", "GET /privacy", "GET /accessibility", "GET /imprint",
	// one's own cart
	"GET /cart", "POST /cart/lines", "POST /cart/lines/{sku}", "POST /cart/lines/{sku}/save",
	"POST /cart/saved/{sku}/restore", "POST /cart/saved/{sku}/remove", "POST /cart/set-aside", "POST /cart/undo",
	"POST /cart/forget",
	// into and out of a session
	"GET /login", "POST /login", "GET /auth/callback", "POST /logout", "GET /signed-out", "GET /account/stay",
	"POST /auth/backchannel-logout", "POST /csp-reports", // the provider, and browsers by themselves
	// the same for everybody
	"GET /favicon.ico", "GET /favicon.svg", "GET /apple-touch-icon.png", "GET /static/*",
	"GET /pictures/{slug:[a-z0-9-]+}.svg", "GET /robots.txt", "GET /sitemap.xml", "GET /healthz", "GET /readyz",
}

// outsiders are browsers without a session of a customer: it never had one, made its tag up, took
// it from the database, has an anonymous one, or one that is over.
func (s *shop) outsiders() map[string]*browser {
	s.t.Helper()
	named := map[string]*browser{}
	for _, name := range []string{"a stranger", "a made-up tag", "a row's key as tag", "an anonymous cart",
		"a session signed out", "an idle session"} {
		named[name] = s.visitor()
	}
	named["an idle session"].signIn("idler", "")
	s.goIdle()
	named["an anonymous cart"].post("/cart/lines", "sku", "HAT-1")
	named["a session signed out"] = s.signedOutElsewhere()
	named["a made-up tag"].cookies["__Host-tag"] = strings.Repeat("A", 43)
	named["a row's key as tag"].cookies["__Host-tag"] = s.text(`SELECT translate(rtrim(encode(id, 'base64'), '='),
		'+/', '-_') FROM sessions LIMIT 1`)
	return named
}

// A visitor who must sign in to send a form comes back to the page it is on.
func TestEveryFormHasAPageToComeBackTo(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	without := []string{"/login", "/logout", "/auth/backchannel-logout", "/csp-reports", "/account/stay"}
	for _, route := range s.handler.Routes() {
		pattern, posted := strings.CutPrefix(route, "POST ")
		if !posted || strings.HasPrefix(pattern, "/learn") || slices.Contains(without, pattern) {
			continue
		}
		page := storefront.FormPage(pattern)
		if !slices.Contains(s.handler.Routes(), "GET "+page) {
			t.Errorf("%s: got the page %q, want one of the shop's", route, page)
		}
	}
}

// ASVS 7.2.1: the server asks for a customer's live session on every route of the router's own
// list, but for the named ones.
func TestEveryRouteButTheNamedOnesAsksForASession(t *testing.T) {
	t.Parallel()
	s := newShop(t, stepUp)
	outsiders, bob := s.outsiders(), s.shopper("bob")
	bob.toReview()
	form := url.Values{"quantity": {"1"}, "form_token": {bob.token("/account")}}.Encode()
	routes := s.handler.Routes()
	for _, route := range routes {
		method, pattern, _ := strings.Cut(route, " ")
		path := strings.NewReplacer("{handle}", "handle").Replace(pathOf(pattern))
		closed := func(b *browser) bool {
			r := b.twin().send(method, path, strings.NewReader(form), with{"Content-Type", formType})
			return r.StatusCode == http.StatusSeeOther && strings.HasPrefix(r.Header.Get("Location"), "/login") && r.body == ""
		}
		open, asking := slices.Contains(openToAll, route), outsiders
		if open { // a form on a session that is over waits for its customer: TestFormPostedOnEndedSessionWaitsForItsCustomer
			asking = map[string]*browser{"a stranger": s.visitor()}
		}
		for who, b := range asking {
			if closed(b) == open {
				t.Errorf("%s, asked by %s, leads to the sign-in: %t, want %t", route, who, open, !open)
			}
		}
		if !open && closed(bob) {
			t.Errorf("%s leads its customer to the sign-in", route)
		}
	}
	for _, route := range openToAll {
		if !slices.Contains(routes, route) {
			t.Errorf("%s is no route", route)
		}
	}
}

// staleWillDo are customers' forms for which an authentication of any age will do: what they type
// for an order that has to be confirmed anyway, and staying signed in. A new form needs a fresh one
// unless it is put down here.
var staleWillDo = []string{"POST /checkout/address", "POST /checkout/delivery", "POST /account/stay",
	"POST /orders/{number}/cancel", "POST /orders/{number}/again"}

// ASVS 7.5.1, 7.5.2, 7.5.3: every other form that only customers have is not done, not even in
// part, before they have proved anew who they are. Of orders that holds for the large ones.
func TestEveryFormButTheNamedOnesNeedsReauthentication(t *testing.T) {
	t.Parallel()
	s := newShop(t, stepUp)
	phone, ann := s.visitor(), s.visitor()
	phone.signIn("ann", "")
	ann.signIn("ann", "")
	ann.submit("/cart/lines", "sku", "BAG-1", "quantity", "2")
	review, handle := ann.toReview(), ann.otherHandle()
	s.age(6 * time.Minute)
	form := url.Values{"form_token": {ann.token("/account")}, "order_key": {field(t, review, "order_key")},
		"total": {field(t, review, "total")}, "payment": {"approve"}}
	tried := 0
	for _, route := range s.handler.Routes() {
		method, pattern, _ := strings.Cut(route, " ")
		if method == http.MethodGet || slices.Contains(openToAll, route) || slices.Contains(staleWillDo, route) {
			continue
		}
		tried++
		before := postgrestest.AllRows(t, s.store.Pool())
		r := ann.postForm(strings.NewReplacer("{handle}", handle).Replace(pattern), form)
		if changes := before.Changes(postgrestest.AllRows(t, s.store.Pool())); !strings.HasPrefix(r.Header.Get("Location"),
			"/login?confirm=1&") || len(changes) > 0 {
			t.Errorf("%s with a stale authentication leads to %q (%d), and changes\n%s", route, r.Header.Get("Location"),
				r.StatusCode,
				strings.Join(changes, "\n"))
		}
	}
	if tried != 3 {
		t.Errorf("%d forms were tried, want an order and the two that end other sessions", tried)
	}
}

// ASVS 7.5.1: what the shop knows a customer by and how to reach them is the provider's word. No
// page asks for any of it, and no form changes it, however fresh the authentication.
func TestNoFormChangesWhoACustomerIs(t *testing.T) {
	t.Parallel()
	s := newShop(t, stepUp)
	s.visitor().signIn("bob", "")
	form := url.Values{"id": {"2"}, "customer_id": {"2"}, "issuer": {"https://evil.example"}, "subject": {"bob"},
		"name": {"Bob"}, "email": {"eve@evil.example"}, "email_verified": {"true"},
		"password": {"password"}, "phone": {"1"}, "disabled": {""}, "auth_not_before": {""}, "sku": {"HAT-1"},
		"quantity": {"1"}, "street": {"x"}, "postcode": {"10115"}, "city": {"x"}, "country": {"DE"}, "delivery": {"post"}}
	const who = `SELECT jsonb_agg(to_jsonb(c) - '{auth_not_before,last_sign_in}'::text[] ORDER BY id)::text FROM
		customers c`
	for _, age := range []time.Duration{0, 6 * time.Minute} {
		ann := s.shopper("ann")
		s.age(age)
		before := s.text(who)
		for _, route := range s.handler.Routes() {
			method, pattern, _ := strings.Cut(route, " ")
			if method == http.MethodGet {
				wantNoBody(t, ann.get(pathOf(pattern)), `type="password"`, `type="email"`, `type="tel"`, `name="email"`,
					`name="phone"`, `name="password"`)
				continue
			}
			b := ann
			if pattern == "/logout" {
				b = s.visitor()
				b.signIn("ann", "")
			}
			b.submit("/cart/lines", "sku", "HOK-1") // for the forms of the checkout
			form.Set("form_token", b.token("/account"))
			b.postForm(pathOf(pattern), form)
			if after := s.text(who); after != before {
				t.Errorf("%s, the authentication %s old, changes the customers from\n%s\nto\n%s", route, age, before, after)
			}
		}
		wantStatus(t, ann.get("/account"), http.StatusOK)
	}
}
