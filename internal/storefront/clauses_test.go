package storefront_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/storefront"
)

// ASVS 7.2.1, 7.4.1: over the router's own list, what is for customers only sends a session that
// has ended to the sign-in, and does nothing for it.
func TestEveryPrivateRouteRefusesAnEndedSession(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.shopper("ann")
	ann.toReview()
	tag := ann.cookies["__Host-tag"]
	s.goIdle()
	rows := `SELECT (SELECT count(*) FROM sessions) * 1000000 + (SELECT coalesce(sum(quantity), 0) FROM cart_lines) *
		10000 + (SELECT count(*) FROM orders) * 100 + (SELECT count(*) FROM carts)`
	before, private := s.count(rows), 0
	for _, route := range s.handler.Routes() {
		if slices.Contains(openToAll, route) {
			continue
		}
		method, pattern, _ := strings.Cut(route, " ")
		path := strings.NewReplacer("{handle}", "handle").Replace(pathOf(pattern))
		private++
		ann.cookies["__Host-tag"] = tag
		r := ann.send(method, path, body(method), with{"Content-Type", formType})
		if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(r.Header.Get("Location"), "/login") || r.body != "" {
			t.Errorf("%s: %d to %q with %d bytes", route, r.StatusCode, r.Header.Get("Location"), len(r.body))
		}
	}
	if private < 13 {
		t.Errorf("only %d private routes were tried", private)
	}
	if after := s.count(rows); after != before {
		t.Errorf("something was done: %d before, %d after", before, after)
	}
}

// ASVS 7.4.4: a signed-in customer sees the way out on every page, errors included.
func TestEveryPageOfACustomerHasTheWayOut(t *testing.T) {
	t.Parallel()
	s := newShop(t, stepUp)
	ann := s.shopper("ann")
	placed := ann.press(ann.toReview(), "approve")
	ann.submit("/cart/lines", "sku", "HAT-1")
	paths := []string{"/nowhere", "/products/nothing", "/login?confirm=1&return_to=%2Fresume",
		placed.Header.Get("Location")}
	for _, route := range s.handler.Routes() {
		if method, pattern, _ := strings.Cut(route, " "); method == http.MethodGet && pattern != "/auth/callback" &&
			pattern != "/static/*" {
			paths = append(paths, pathOf(pattern))
		}
	}
	pages := 0
	for _, path := range paths {
		r := ann.get(path)
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			continue
		}
		pages++
		_, form, _ := strings.Cut(r.body, `<form action="/logout" method="post">`)
		form, _, _ = strings.Cut(form, "</form>")
		if !strings.Contains(form, `name="form_token" value="`) || !strings.Contains(form, "Sign out</button>") {
			t.Errorf("%s (%d) has no way out: %s", path, r.StatusCode, form)
		}
	}
	if pages < 14 {
		t.Errorf("only %d pages were looked at", pages)
	}
}

// ASVS 3.4.1, 3.4.3, 3.4.4, 14.3.2: what fails carries what every answer carries, and may not be
// stored.
func TestFailuresCarryTheSecurityHeadersToo(t *testing.T) {
	t.Parallel()
	broken := newShop(t, func(c *storefront.Config) {
		c.Catalog, c.Rates.SignIn = brokenShelves{c.Catalog}, storefront.Rate{Requests: 1, Per: 1 << 40}
	})
	b := broken.visitor()
	b.post("/login")
	away := newShop(t)
	ann := away.shopper("ann")
	away.store.Close()
	for want, r := range map[int]reply{
		http.StatusInternalServerError: b.get("/products"), http.StatusTooManyRequests: b.post("/login"),
		http.StatusServiceUnavailable:    ann.get("/account"),
		http.StatusRequestEntityTooLarge: b.post("/cart/lines", "sku", strings.Repeat("x", 70<<10)),
	} {
		wantStatus(t, r, want)
		for header, value := range always {
			if got := r.Header.Values(header); len(got) != 1 || got[0] != value {
				t.Errorf("%d: %s is %q, want %q", want, header, got, value)
			}
		}
		if !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") ||
			r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d: %v", want, r.Header)
		}
	}
}

// CS-30: the next person at the same browser finds nothing of the one who signed out, and gets
// nothing of other customers.
func TestTheNextPersonAtTheBrowserFindsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	b.submit("/cart/lines", "sku", "HAT-1", "quantity", "3")
	b.get("/cart")
	b.submit("/logout")
	for _, path := range []string{"/", "/cart", "/login", "/signed-out", "/products/rain-bowler"} {
		wantNoBody(t, b.get(path), "Customer ann", "ann@example.test", `data-sku="HAT-1" data-quantity`,
			`data-signed-in="true"`)
	}
	b.post("/cart/lines", "sku", "UMB-1")
	b.signIn("bob", "/cart")
	bobs := b.get("/cart")
	wantBody(t, bobs, `data-sku="UMB-1"`, `data-cart-count="1"`, "Customer bob")
	wantNoBody(t, bobs, `data-sku="HAT-1"`, "Customer ann")
	ann := s.visitor()
	ann.signIn("ann", "/cart")
	wantBody(t, ann.get("/cart"), `data-sku="HAT-1" data-quantity="3"`, `data-cart-count="3"`)
}

// CS-28, WSTG-SESS-03: an attacker who plants their own cookie in another's browser gets nothing by
// it, and gives them nothing.
func TestAForcedCookieWinsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	attacker := s.visitor()
	attacker.post("/cart/lines", "sku", "HAT-1", "quantity", "2")
	victim := attacker.twin()
	victim.signIn("ann", "")
	victim.submit("/cart/lines", "sku", "UMB-1")

	wantLocation(t, attacker.get("/account"), "/login?return_to=%2Faccount")
	wantNoBody(t, attacker.get("/cart"), "Customer ann", `data-sku="UMB-1"`)
	wantStatus(t, attacker.post("/cart/lines/UMB-1", "quantity", "3"), http.StatusConflict)
	attacker.signIn("bob", "/cart")
	wantNoBody(t, attacker.get("/cart"), `data-sku="UMB-1"`, `data-sku="HAT-1"`)
	wantBody(t, victim.get("/account"), "Customer ann")
	wantBody(t, victim.get("/cart"), `data-sku="UMB-1" data-quantity="1"`)

	// The other way round: a cookie of a session that is signed in already.
	guest := attacker.twin()
	wantLocation(t, guest.post("/login", "return_to", "/account"), "/account")
	wantBody(t, guest.get("/account"), "Customer bob") // it is said whose page it is; nothing of the victim's went there
}

// ASVS 6.3.4, 7.6.2: there is one door. However a form is sent, only the provider's return begins a
// customer's session.
func TestNoOtherRouteSignsAnybodyIn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	guess := url.Values{"customer": {"1"}, "customer_id": {"1"}, "subject": {"ann"}, "user": {"ann"},
		"email": {"ann@example.test"}, "password": {"password"}, "session": {ann.cookies["__Host-tag"]}, "quantity": {"1"},
		"sku": {"HAT-1"}}
	for _, route := range s.handler.Routes() {
		method, pattern, _ := strings.Cut(route, " ")
		b := s.visitor()
		path := pathOf(pattern)
		var tried reply
		if tried = b.send(method, path+"?"+guess.Encode(), nil); method == http.MethodPost {
			tried = b.postForm(path, guess)
		}
		wantNoBody(t, tried, `data-signed-in="true"`)
		if r := b.get("/account"); r.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: /account answers %d", route, r.StatusCode)
		}
	}
	if n := s.count(`SELECT count(*) FROM sessions WHERE customer_id IS NOT NULL`); n != 1 {
		t.Errorf("%d customers' sessions, want ann's alone", n)
	}
}
