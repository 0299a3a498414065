package storefront_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/auth"
)

func TestSignInStartsWithAPageAndAPress(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	wantBody(t, b.get("/login?return_to=/orders"), `name="return_to" value="/orders"`, `action="/login"`)
	s.provider.set(func(p *provider) {
		if len(p.begun) != 0 {
			t.Error("a page must not start a sign-in (ASVS 7.6.2)")
		}
	})
	to := b.post("/login", "return_to", "/orders")
	wantRedirectPage(t, to, "https://idp.example/authorize?state=state-1")
	if s.statements.Load() > 1+2 || s.count(`SELECT count(*) FROM sessions`) != 0 { // seeding and the two counts
		t.Error("pressing sign in makes no row")
	}
	done := b.get(s.provider.approve("state-1", "ann"))
	wantLocation(t, done, "/orders")
	if got := done.Header.Get("Cache-Control"); got != "no-store" || done.body != "" {
		t.Errorf("callback: %q with %d bytes", got, len(done.body))
	}
	line := setCookieLine(t, done, "__Host-tag")
	if strings.Contains(line, "Max-Age") || strings.Contains(line, "Expires") {
		t.Errorf("a customer's tag goes with the browser: %s", line)
	}
	wantLocation(t, b.get("/login?return_to=/cookies"), "/cookies")
	wantLocation(t, b.get("/login"), "/")
	wantLocation(t, b.post("/login", "return_to", "/cart"), "/cart")
}

// OIDC Prompt Create 1.0 4.2
// OIDC Prompt Create 1.0 4.1
// A provider that ignores prompt=create, or answers it with an error, ends kindly.
// ASVS 3.7.2
func TestReturnToLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	signedIn := s.visitor()
	signedIn.signIn("ann", "")
	for _, hostile := range []string{"//e.example", "/\\e.example", "https:e.example", "https://e.example/",
		"/\t/e.example", "\t//e.example", "/%2f/e.example",
		"/x\r\nSet-Cookie: a=b", "javascript:alert(1)", "/login", "/logout", "e.example", strings.Repeat("/x", 3000)} {
		q := strings.NewReplacer("%", "%25", "\\", "%5C", "\t", "%09", "\r", "%0D", "\n", "%0A", " ", "%20").Replace(hostile)
		if to := signedIn.get("/login?return_to=" + q).Header.Get("Location"); to != "/" {
			t.Errorf("GET /login?return_to=%q leads to %q", hostile, to)
		}
		b := s.visitor()
		wantBody(t, b.get("/login?return_to="+q), `name="return_to" value=""`)
		wantStatus(t, b.post("/login", "return_to", hostile), http.StatusOK)
		s.provider.set(func(p *provider) {
			if got := p.begun[len(p.begun)-1].ReturnTo; got != "" {
				t.Errorf("sign-in begun with return_to %q", got)
			}
		})
	}
}

func TestProviderDownKeepsTheShopAndTheCart(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	s.provider.set(func(p *provider) { p.down = true })
	r := b.post("/login", "return_to", "/orders")
	wantStatus(t, r, http.StatusServiceUnavailable)
	wantBody(t, r, `data-notice="provider-down"`, `data-cart-count="1"`, `value="/orders"`)
	if r.Header.Get("Retry-After") == "" || r.Header.Get("Set-Cookie") != "" {
		t.Errorf("headers %v", r.Header)
	}
	wantStatus(t, b.get("/login"), http.StatusOK)
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="1"`)
}

func TestEachFailureAtTheCallbackHasItsPage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.get("/cart") // which shows the notice
	tag := b.cookies["__Host-tag"]
	for name, c := range map[string]struct {
		err    error
		status int
		words  string
	}{
		"cancelled":  {auth.ErrCancelled, http.StatusOK, "You turned back"},
		"no attempt": {auth.ErrNoAttempt, http.StatusBadRequest, "too long ago"},
		"repeated":   {auth.RepeatedError{ReturnTo: "/orders"}, http.StatusBadRequest, "finished before"},
		"refused": {&auth.RefusedError{Check: auth.CheckNonce, Reason: "not made for this attempt"}, http.StatusBadRequest,
			"could not be sure"},
		"unavailable": {fmt.Errorf("%w: token endpoint", auth.ErrUnavailable), http.StatusServiceUnavailable,
			"does not work at the moment"},
	} {
		r := b.get(s.provider.fail(c.err))
		if r.StatusCode != c.status || r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: got %d %v, want %d", name, r.StatusCode, r.Header, c.status)
		}
		if (r.Header.Get("Retry-After") != "") != (c.status == http.StatusServiceUnavailable) {
			t.Errorf("%s: Retry-After %q with %d", name, r.Header.Get("Retry-After"), c.status)
		}
		if strings.Contains(r.Request.URL.String(), "code") || !strings.HasPrefix(r.Request.URL.Path, "/login") {
			t.Errorf("%s: the page is at %s, want an address without the code (RFC 9700 4.2.4)", name, r.Request.URL)
		}
		led := b.led[len(b.led)-1]
		if led.Header.Get("Referrer-Policy") != "strict-origin" || led.Header.Get("Cache-Control") != "no-store" ||
			led.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: the callback answers %v", name, led.Header)
		}
		wantBody(t, r, c.words, `data-signed-in="false"`, `data-cart-count="1"`)
		wantNoBody(t, r, "secret-code", "nonce")
	}
	if b.cookies["__Host-tag"] != tag || s.count(`SELECT count(*) FROM customers`) != 0 {
		t.Error("a sign-in that did not work changes nothing")
	}
	if !strings.Contains(s.logged(), "not made for this attempt") || !strings.Contains(s.logged(), "authn_login_fail") {
		t.Error("the log does not say which check failed (ASVS 16.3.1)")
	}
	wantLocation(t, b.signIn("ann", "/cart"), "/cart")
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="1"`)
}

// A visitor who leaves during the callback is neither an outage nor a sign-in that failed.
func TestAVisitorWhoLeavesTheCallbackIsNoOutage(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"provider": fmt.Errorf("%w: token endpoint: %w", auth.ErrUnavailable, context.Canceled),
		"store":    fmt.Errorf("sign in: %w", context.Canceled),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.visitor().get(s.provider.fail(err))
			log := s.logged()
			if !strings.Contains(log, `"route":"/auth/callback","status":499`) ||
				strings.Contains(log, `"level":"ERROR"`) || strings.Contains(log, "authn_login_fail") {
				t.Errorf("got the log %s, want a request with status 499 and no alarm", log)
			}
		})
	}
}

// A logout that its sender gave up is not logged as refused.
func TestALogoutWhoseSenderLeftIsNotRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logoutOf("good", "ann")
	s.provider.set(func(p *provider) { p.gone = true })
	s.tell(url.Values{"logout_token": {"good"}})
	if log := s.logged(); strings.Contains(log, "authn_backchannel_logout_fail") {
		t.Errorf("got the log %s, want no refused logout", log)
	}
}

// Reloading the callback or going back to it lands on a normal page.
func TestCallbackComingBackLeadsSignedInCustomerOn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	back := b.comeBack("ann", "/orders")
	wantLocation(t, b.get(back), "/orders")
	tag := b.cookies["__Host-tag"]
	wantLocation(t, b.get(back), "/orders")
	wantLocation(t, b.get("/auth/callback?code=x&state=long-gone"), "/")
	if b.cookies["__Host-tag"] != tag {
		t.Error("coming back must not change the session")
	}
	wantStatus(t, s.visitor().get(back), http.StatusBadRequest)
}

func TestDisabledCustomerIsToldAndKeepsTheAnonymousCart(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.visitor().signIn("ann", "")
	s.exec(`UPDATE customers SET disabled = now()`)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	r := b.get(b.comeBack("ann", ""))
	wantStatus(t, r, http.StatusForbidden)
	wantBody(t, r, "can no longer sign in")
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="1"`, `data-signed-in="false"`)
}

func TestALineThatSigningInLoweredIsSaidAndOffersNoUndo(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1", "quantity", "6")
	s.exec(`UPDATE products SET stock = 4 WHERE sku = 'HAT-1'`)
	b.signIn("ann", "/products")
	wantBody(t, b.get("/products"), "We no longer have as many as you had chosen of one item. Your cart shows which.")
	r := b.get("/cart")
	wantBody(t, r, "We no longer have as many as you had chosen", "now 4, the most we have", `data-quantity="4"`)
	wantNoBody(t, r, "last visit", "/cart/undo")
}

func TestSignInAtTheCheckoutAddsNothingToTheOrderOnScreen(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	earlier := s.visitor()
	earlier.signIn("ann", "")
	earlier.submit("/cart/lines", "sku", "UMB-1", "quantity", "2")
	for returnTo, want := range map[string][3]string{
		"/checkout/address": {"1", `data-saved-sku="UMB-1"`, "your order stays as you saw it"},
		"/cart":             {"3", `data-sku="UMB-1" data-quantity="2"`, "Undo and keep only this cart"}} {
		b := s.visitor()
		b.post("/cart/lines", "sku", "HAT-1")
		b.signIn("ann", returnTo)
		if returnTo != "/cart" {
			wantBody(t, b.get(returnTo), `<a href="/cart">See your cart</a>`)
		}
		cart := b.get("/cart")
		wantBody(t, cart, `data-cart-count="`+want[0]+`"`, want[1], `data-notice="merged"`, want[2])
		if strings.Count(cart.body, `data-notice="merged"`) != 1 {
			t.Error("said once, not twice")
		}
		s.exec(`UPDATE carts c SET saved_products = '{}', saved_quantities = '{}', saved_prices = '{}', saved_added = '{}',
			(products, quantities, prices, added) = (
				SELECT array_agg(l.product_id), array_agg(l.quantity), array_agg(l.price_added), array_agg(l.added)
				FROM cart_lines l JOIN products p ON p.id = l.product_id WHERE l.cart_id = c.id AND p.sku <> 'HAT-1')
			WHERE customer_id IS NOT NULL`)
	}
}

func TestASignInIsLoggedAtInfoAndItsFailureAtWarn(t *testing.T) { // ASVS 16.2.1
	t.Parallel()
	s := newShop(t)
	s.visitor().signIn("ann", "")
	s.visitor().get(s.provider.fail(auth.ErrCancelled))
	for event, level := range map[string]string{"authn_login_success": "INFO", "authn_login_fail": "WARN"} {
		line := regexp.MustCompile(`.*`+event+`.*`).FindAllString(s.logged(), -1)
		if len(line) != 1 || !strings.Contains(line[0], `"level":"`+level+`"`) {
			t.Errorf("%s: got %q, want one line at %s", event, line, level)
		}
	}
}

func TestSigningInFromAPageForEveryoneLeadsBackToIt(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const none = `name="return_to" value=""`
	for from, want := range map[string]string{
		"": none, s.url + "/": none, s.url + "/account": none, "https://elsewhere.example/cart": none,
		s.url + "/products?room=hats": `name="return_to" value="/products?room=hats"`,
		s.url + "/products/drizzle":   `name="return_to" value="/products/drizzle"`,
		s.url + "/cart":               `name="return_to" value="/cart"`,
	} {
		wantBody(t, s.visitor().get("/login", with{"Referer", from}), want)
	}
}
