package storefront_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// goIdle makes every signed-in session one that was last used 40 minutes ago: its half hour is
// over, and the late window too.
func (s *shop) goIdle() {
	s.t.Helper()
	s.exec(`UPDATE sessions SET last_used = last_used - interval '40 minutes', created = created - interval
		'40 minutes' WHERE customer_id IS NOT NULL`)
}

func TestPrivatePageAfterTheLimitLeadsToSignInAndBack(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	s.goIdle()
	wantLocation(t, b.get("/orders?x=1"), "/login?return_to=%2Forders%3Fx%3D1")
	page := b.get("/login?return_to=%2Forders%3Fx%3D1")
	wantLocation(t, b.get("/orders?x="+strings.Repeat("x", 600)), "/login")
	wantBody(t, page, `data-notice="ended"`, `data-reason="idle"`, "30 minutes", `name="return_to" value="/orders?x=1"`)
	if b.cookies["__Host-tag"] != "" {
		t.Error("the page that says why clears the dead tag")
	}
	wantNoBody(t, b.get("/login"), `data-notice="ended"`)
	wantLocation(t, b.signIn("ann", "/orders?x=1"), "/orders?x=1")
}

// A script that follows a redirect to the sign-in shows nobody why the session has ended.
func TestTheEndIsExplainedToAPersonNotToAScript(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	s.goIdle()
	wantStatus(t, b.get("/login", with{"Sec-Fetch-Site", "same-origin"}, with{"Sec-Fetch-Mode", "cors"},
		with{"Sec-Fetch-Dest", "empty"}), http.StatusOK)
	wantBody(t, b.get("/login", with{"Sec-Fetch-Site", "same-origin"}, with{"Sec-Fetch-Mode", "navigate"},
		with{"Sec-Fetch-Dest", "document"}), `data-notice="ended"`)
	wantNoBody(t, b.get("/login"), `data-notice="ended"`)
}

func TestCartOfEndedSessionIsWaitingNotEmpty(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	b.submit("/cart/lines", "sku", "HAT-1")
	s.goIdle()
	cart := b.get("/cart")
	wantStatus(t, cart, http.StatusOK)
	wantBody(t, cart, "Your cart is waiting", `data-notice="ended"`, `data-signed-in="false"`)
	wantNoBody(t, cart, "Your cart is empty")
	b.signIn("ann", "/cart")
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="1"`)
}

func TestAProductPageSaysNothingOfTheCartOfAnEndedSession(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	b.submit("/cart/lines", "sku", "HAT-1")
	wantBody(t, b.get("/products/rain-bowler"), `data-in-cart="1"`, `data-cart-count="1"`)
	s.goIdle()
	wantNoBody(t, b.get("/products/rain-bowler"), "data-in-cart", `data-cart-count="1"`)
}

// CS-25: what was typed when the session had ended is there again for the same customer, and for
// nobody else.
func TestFormPostedOnEndedSessionWaitsForItsCustomer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.signIn("ann", "")
	token := b.token("/checkout/address")
	s.goIdle()
	posted := b.post("/checkout/address", "form_token", token, "name", "Ann Typed", "street", "Hook <Street> 1",
		"postcode", "10115", "city", "Berlin", "country", "DE", "extra", "dropped")
	wantLocation(t, posted, "/login?return_to=%2Fcheckout%2Faddress")
	if n := s.count(`SELECT count(*) FROM checkouts WHERE name <> ''`); n != 0 {
		t.Error("a form posted on an ended session must write nothing")
	}
	line := setCookieLine(t, posted, "__Host-pending")
	for _, part := range []string{"Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=1800"} {
		if !strings.Contains(line, part) {
			t.Errorf("cookie of the pending form lacks %s: %s", part, line)
		}
	}
	if strings.Contains(line, "Typed") || len(line) > 4096 {
		t.Error("the pending form must be sealed and fit into a cookie")
	}
	other := b.twin()
	other.signIn("bob", "/checkout/address")
	if other.cookies["__Host-pending"] != "" {
		t.Error("another customer's pending form must be dropped")
	}

	wantLocation(t, b.signIn("ann", "/checkout/address"), "/checkout/address")
	wantBody(t, b.get("/checkout/address"), `value="Ann Typed"`, "Hook &lt;Street&gt; 1")
	wantLocation(t,
		b.submit("/checkout/address", "name", "Ann", "street", "Street 2", "postcode", "10115", "city", "Berlin", "country",
			"DE"), "/checkout/delivery")
	if b.cookies["__Host-pending"] != "" {
		t.Error("the pending form must be dropped once it has been posted")
	}
	wantBody(t, b.get("/checkout/address"), `value="Street 2"`)
}

func TestAnotherCustomersPendingFormOpensNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.signIn("ann", "")
	s.goIdle()
	b.post("/checkout/address", "name", "Ann Typed", "street", "x", "postcode", "10115", "city", "Berlin", "country", "DE")
	pending := b.cookies["__Host-pending"]
	thief := s.visitor()
	thief.post("/cart/lines", "sku", "HAT-1")
	thief.signIn("bob", "")
	thief.cookies["__Host-pending"] = pending
	wantNoBody(t, thief.get("/checkout/address"), "Ann Typed")
	wantLocation(t, thief.get("/resume"), "/cart")
}

// Like the tag, a pending form that comes twice is believed in neither form (RFC 6265bis 5.7).
func TestTwoPendingFormsAreNone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	s.goIdle()
	b.post("/cart/lines", "sku", "HAT-1", "quantity", "2")
	b.signIn("ann", "/resume")
	tag, pending := "__Host-tag="+b.cookies["__Host-tag"], "__Host-pending="+b.cookies["__Host-pending"]
	if one, two := s.rawGet("/resume", []string{tag, pending}),
		s.rawGet("/resume", []string{tag, pending, "__Host-pending=x"}); one != http.StatusOK ||
		two != http.StatusSeeOther {
		t.Errorf("one pending form: %d, two: %d; want 200 and 303", one, two)
	}
}

func TestPendingFormExpiresAfterHalfAnHour(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	s.goIdle()
	b.post("/cart/lines", "sku", "HAT-1", "quantity", "2")
	pending := b.cookies["__Host-pending"]
	b.signIn("ann", "/resume")
	b.cookies["__Host-pending"] = pending
	wantStatus(t, b.get("/resume"), http.StatusOK)
	s.clock.Store(int64(31 * time.Minute))
	wantLocation(t, b.get("/resume"), "/cart")
}

func TestCartFormPostedOnEndedSessionNeedsOneClickAfterSignIn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	b.submit("/cart/lines", "sku", "HAT-1")
	s.goIdle()
	wantLocation(t, b.post("/cart/lines/HAT-1", "quantity", "4", "extra", "not-ours"), "/login?return_to=%2Fresume")
	wantLocation(t, b.signIn("ann", "/resume"), "/resume")
	waiting := b.get("/resume")
	wantBody(t, waiting, `action="/cart/lines/HAT-1"`, `name="quantity" value="4"`, "<dd>Rain Bowler</dd>")
	wantNoBody(t, waiting, "not-ours")
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="1"`)
	wantLocation(t, b.post("/cart/lines/HAT-1", "form_token", field(t, waiting.body, "form_token"), "quantity", "4"),
		"/cart#HAT-1")
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="4"`)
}

// An order is never placed by signing in.
func TestOrderPostedOnEndedSessionComesBackToTheReview(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.signIn("ann", "")
	review := b.toReview()
	s.goIdle()
	posted := b.post("/orders", "form_token", field(t, review, "form_token"), "order_key", field(t, review, "order_key"),
		"total", field(t, review, "total"), "payment", "approve")
	wantLocation(t, posted, "/login?return_to=%2Fcheckout%2Freview%3Funplaced%3D1")
	wantLocation(t, s.visitor().post("/orders"), "/login?return_to=%2Fcheckout%2Freview%3Funplaced%3D1")
	if b.cookies["__Host-pending"] != "" {
		t.Error("an order must not become a pending form")
	}
	wantLocation(t, b.signIn("ann", "/checkout/review?unplaced=1"), "/checkout/review")
	wantBody(t, b.get("/checkout/review"), "Your order is not placed yet")
	wantNoBody(t, b.get("/checkout/review"), "not placed yet")
	wantNoBody(t, b.get("/checkout/review?unplaced=1"), "not placed yet") // anybody may send that link
	if n := s.count(`SELECT count(*) FROM orders`); n != 0 {
		t.Errorf("%d orders", n)
	}
}

// A request that left before the browser knew of the end must write nothing and leave the cookie
// alone.
func TestLateFormOfAnonymousVisitorIsRefusedKindly(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	late := b.twin()
	b.signIn("ann", "")
	before := s.count(`SELECT count(*) FROM carts`)
	for path, fields := range map[string][]string{"/cart/lines": {"sku", "UMB-1"}, "/cart/lines/HAT-1": {"quantity", "5"},
		"/cart/undo": nil, "/cart/lines/HAT-1/save": nil} {
		r := late.post(path, fields...)
		wantStatus(t, r, http.StatusConflict)
		wantBody(t, r, `data-notice="late"`, `href="/cart"`)
		if r.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: the cookie must stay as it is: %s", path, r.Header.Get("Set-Cookie"))
		}
	}
	if n := s.count(`SELECT count(*) FROM carts`); n != before {
		t.Errorf("%d carts, %d before", n, before)
	}
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="1"`)
}

func TestOutageIsNeverSignedOutAndNeverAnEmptyCart(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	tag := b.cookies["__Host-tag"]
	s.store.Close()
	for _, r := range []reply{b.get("/"), b.get("/cart"), b.get("/account"), b.get("/login"),
		b.post("/cart/lines", "sku", "HAT-1"), b.post("/logout")} {
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" ||
			r.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s %s: %d, Retry-After %q, Set-Cookie %q", r.Request.Method, r.Request.URL.Path, r.StatusCode,
				r.Header.Get("Retry-After"), r.Header.Get("Set-Cookie"))
		}
		wantNoBody(t, r, "Your cart is empty", "signed you out")
	}
	if b.cookies["__Host-tag"] != tag {
		t.Error("the tag must stay")
	}
}

func TestAClientThatLeftIsNoOutage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/cart", nil)
	request.Host = strings.TrimPrefix(s.url, "http://")
	request.AddCookie(&http.Cookie{Name: "__Host-tag", Value: s.shopper("ann").cookies["__Host-tag"]})
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, request)

	if answer.Code != 499 {
		t.Errorf("the session was asked for with a cancelled request: got %d, want 499", answer.Code)
	}
}

func TestBusyDatabaseIsAnOutageAndNoFault(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx, err := s.store.Pool().Begin(t.Context())
	must(t, err)
	defer tx.Rollback(t.Context())
	_, err = tx.Exec(t.Context(), `LOCK TABLE products`)
	must(t, err)
	r := s.visitor().get("/products")
	wantStatus(t, r, http.StatusServiceUnavailable)
	if r.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
}

func setCookieLine(t testing.TB, r reply, name string) string {
	t.Helper()
	for _, line := range r.Header.Values("Set-Cookie") {
		if strings.HasPrefix(line, name+"=") {
			return line
		}
	}
	t.Fatalf("no cookie %s in %q", name, r.Header.Values("Set-Cookie"))
	return ""
}
