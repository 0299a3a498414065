package storefront_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/storefront"
)

// stepUp makes an authentication count as fresh for five minutes, and orders from 100 euro on need
// one.
func stepUp(c *storefront.Config) {
	c.Reauthentication = storefront.Reauthentication{Age: 5 * time.Minute, Total: 10000}
}

// age makes every authentication so old.
func (s *shop) age(d time.Duration) {
	s.t.Helper()
	s.exec(`UPDATE sessions SET auth_time = auth_time - $1::interval`, d)
}

// otherHandle is the handle of the one session on the devices page that is not this one.
func (b *browser) otherHandle() string {
	b.t.Helper()
	found := regexp.MustCompile(`action="/account/devices/([^"/]+)/end"`).FindStringSubmatch(b.get(
		"/account/devices").body)
	if found == nil {
		b.t.Fatal("no other device is listed")
	}
	return found[1]
}

// confirm proves once more who the customer is, at the provider, and returns the callback's answer.
func (b *browser) confirm(subject, returnTo string) reply {
	b.t.Helper()
	to := b.submit("/login", "confirm", "1", "return_to", returnTo)
	return b.get(b.approved(to, subject))
}

func TestDevicesListsOnlyOnesOwn(t *testing.T) { // ASVS 7.5.2
	t.Parallel()
	s := newShop(t, stepUp)
	ann, phone, bob := s.visitor(), s.visitor(), s.visitor()
	ann.signIn("ann", "")
	phone.get("/", with{"User-Agent", "x"})
	phone.signIn("ann", "")
	bob.signIn("bob", "")
	page := ann.get("/account/devices")
	if n := len(regexp.MustCompile(`data-device="`).FindAllString(page.body, -1)); n != 2 {
		t.Errorf("%d devices, want ann's two", n)
	}
	wantBody(t, page, `data-current="true"`, "this one")
	handle := ann.otherHandle()
	wantStatus(t, bob.submit("/account/devices/"+handle+"/end"), http.StatusNotFound)
	wantStatus(t, phone.get("/account"), http.StatusOK)
}

func TestEndedDeviceIsOutAndToldWhy(t *testing.T) { // ASVS 7.5.2, 7.4.1
	t.Parallel()
	s := newShop(t, stepUp)
	ann, phone := s.visitor(), s.visitor()
	phone.signIn("ann", "")
	ann.signIn("ann", "")
	wantLocation(t, ann.submit("/account/devices/"+ann.otherHandle()+"/end"), "/account/devices")
	wantLocation(t, phone.get("/account"), "/login?return_to=%2Faccount")
	wantBody(t, phone.get("/login?return_to=%2Faccount"), `data-reason="revoked"`)
	wantBody(t, ann.get("/account/devices"), "You are signed in nowhere else")
}

// ASVS 7.5.2, 7.6.1: though the provider still knows it
func TestARevokedDeviceProvesAgainBeforeItIsLetIn(t *testing.T) {
	t.Parallel()
	s := newShop(t, stepUp)
	ann, phone := s.visitor(), s.visitor()
	phone.signIn("ann", "")
	ann.signIn("ann", "")
	ann.submit("/account/devices/" + ann.otherHandle() + "/end")
	phone.get("/login")
	for range 2 {
		back := phone.comeBack("ann", "/account")
		s.provider.set(func(p *provider) { p.ages(2 * time.Second) })
		refused := phone.get(back)
		wantStatus(t, refused, http.StatusForbidden)
		wantBody(t, refused, `data-notice="stale-authentication"`, "Try again")
		if phone.cookies["__Host-ask"] == "" {
			t.Fatal("the next sign-in would not ask either")
		}
	}
	wantLocation(t, phone.signIn("ann", "/account"), "/account")
	s.provider.set(func(p *provider) {
		if got := p.begun[len(p.begun)-1].Prompt; got != "login" {
			t.Errorf("prompt %q, want login", got)
		}
	})
	if phone.cookies["__Host-ask"] != "" {
		t.Error("asked once is enough")
	}
}

// Who ends a device is asked for the password at their next sign-in, and not refused first; also
// where that device was gone already.
func TestEndingADeviceCostsNoRefusedSignIn(t *testing.T) { // ASVS 7.5.2
	t.Parallel()
	for _, end := range []string{"one", "others", "one that is gone", "others that are gone"} {
		s := newShop(t, stepUp)
		ann, phone := s.visitor(), s.visitor()
		phone.signIn("ann", "")
		ann.signIn("ann", "")
		path := "/account/devices/end-others"
		if strings.HasPrefix(end, "one") {
			path = "/account/devices/" + ann.otherHandle() + "/end"
		}
		if strings.HasSuffix(end, "gone") {
			phone.submit("/logout")
		}
		ann.submit(path)
		if ann.cookies["__Host-ask"] == "" {
			t.Errorf("%s: the next sign-in does not ask, and is refused with what the provider remembers", end)
		}
		s.goIdle()
		wantLocation(t, ann.signIn("ann", "/account"), "/account")
		if got := s.provider.begun[len(s.provider.begun)-1].Prompt; got != "login" {
			t.Errorf("%s: prompt %q, want login", end, got)
		}
	}
}

func TestEndingADeviceNeedsReauthentication(t *testing.T) { // ASVS 7.5.2, 7.5.3
	t.Parallel()
	s := newShop(t, stepUp)
	ann, phone := s.visitor(), s.visitor()
	phone.signIn("ann", "")
	ann.signIn("ann", "")
	s.age(6 * time.Minute)
	before := ann.cookies["__Host-tag"]

	asked := ann.submit("/account/devices/end-others")
	wantLocation(t, asked, "/login?confirm=1&return_to=%2Fresume")
	wantStatus(t, phone.get("/account"), http.StatusOK)
	wantBody(t, ann.get("/login?confirm=1&return_to=%2Fresume"), "Confirm it's you", `name="confirm" value="1"`)

	wantLocation(t, ann.confirm("ann", "/resume"), "/resume")
	if begun := s.provider.begun[len(s.provider.begun)-1]; begun.Prompt != "login" || begun.MaxAge != 5*time.Minute ||
		begun.ExpectSubject.Subject != "ann" {
		t.Errorf("the provider was asked with %+v", begun)
	}
	if ann.cookies["__Host-tag"] == before {
		t.Error("a reauthentication needs a new tag (ASVS 7.2.4)")
	}
	wantBody(t, ann.get("/resume"), `action="/account/devices/end-others"`, "Sign out everywhere else", "it is you")
	wantStatus(t, phone.get("/account"), http.StatusOK)
	wantLocation(t, ann.submit("/account/devices/end-others"), "/account/devices")
	wantLocation(t, phone.get("/account"), "/login?return_to=%2Faccount")
}

func TestFailedReauthenticationChangesNothing(t *testing.T) { // X-8, NIST 800-63B 5.2
	t.Parallel()
	for name, err := range map[string]error{"cancelled": auth.ErrCancelled,
		"somebody else": &auth.RefusedError{Check: auth.CheckSubject}, "provider away": auth.ErrUnavailable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, stepUp)
			ann := s.visitor()
			ann.signIn("ann", "")
			s.age(6 * time.Minute)
			tag, before := ann.cookies["__Host-tag"], postgrestest.AllRows(t, s.store.Pool())
			ann.get(s.provider.fail(err))
			wantStatus(t, ann.get("/account"), http.StatusOK)
			if changes := before.Changes(postgrestest.AllRows(t, s.store.Pool())); ann.cookies["__Host-tag"] != tag ||
				len(changes) > 0 {
				t.Errorf("tag kept: %t, changed:\n%s", ann.cookies["__Host-tag"] == tag, strings.Join(changes, "\n"))
			}
		})
	}
}

func TestConfirmNeedsTheFormToken(t *testing.T) { // NIST 800-63B 5.1
	t.Parallel()
	s := newShop(t, stepUp)
	ann := s.visitor()
	ann.signIn("ann", "")
	wantStatus(t, ann.post("/login", "confirm", "1", "return_to", "/resume"), http.StatusUnprocessableEntity)
}

func TestLargeOrderNeedsReauthentication(t *testing.T) { // ASVS 7.5.3
	t.Parallel()
	s := newShop(t, stepUp)
	ann := s.visitor()
	ann.post("/cart/lines", "sku", "BAG-1", "quantity", "2")
	ann.signIn("ann", "/checkout/address")
	s.age(6 * time.Minute)
	review := ann.toReview()
	order := []string{"order_key", field(t, review, "order_key"), "total", field(t, review, "total"), "payment", "approve"}
	wantLocation(t, ann.submit("/orders", order...),
		"/login?confirm=1&return_to=%2Fcheckout%2Freview%3Funplaced%3D1")
	if n := s.count(`SELECT count(*) FROM orders`); n != 0 {
		t.Fatalf("%d orders, want none yet", n)
	}
	wantLocation(t, ann.confirm("ann", "/checkout/review?unplaced=1"), "/checkout/review")
	back := ann.get("/checkout/review")
	wantBody(t, back, "Nothing is ordered yet")
	wantNoBody(t, back, "signed out before")
	wantNoBody(t, ann.get("/checkout/review"), "Nothing is ordered yet")
	wantStatus(t, ann.submit("/orders", order...), http.StatusSeeOther)
	if n := s.count(`SELECT count(*) FROM orders`); n != 1 {
		t.Errorf("%d orders, want one", n)
	}
}

func TestSmallOrderNeedsNone(t *testing.T) {
	t.Parallel()
	s := newShop(t, stepUp)
	ann := s.visitor()
	ann.post("/cart/lines", "sku", "HAT-1")
	ann.signIn("ann", "/checkout/address")
	s.age(6 * time.Minute)
	review := ann.toReview()
	ann.submit("/orders", "order_key", field(t, review, "order_key"), "total", field(t, review, "total"), "payment",
		"approve")
	if n := s.count(`SELECT count(*) FROM orders`); n != 1 {
		t.Errorf("%d orders, want one", n)
	}
}

func TestSecondSignInIsToldInTheFirstSession(t *testing.T) { // CS-24
	t.Parallel()
	s := newShop(t, stepUp)
	ann, elsewhere := s.visitor(), s.visitor()
	ann.signIn("ann", "")
	wantNoBody(t, ann.get("/account"), `data-notice="elsewhere"`)
	elsewhere.signIn("ann", "")
	wantNoBody(t, elsewhere.get("/account"), `data-notice="elsewhere"`)
	wantBody(t, ann.get("/account"), `class="notice urgent" data-notice="elsewhere"`, "on another browser",
		`<a href="/account/devices">See where`)
	wantNoBody(t, ann.get("/account"), `data-notice="elsewhere"`)
	wantLocation(t, ann.confirm("ann", "/account"), "/account")
	wantNoBody(t, elsewhere.get("/account"), `data-notice="elsewhere"`)
}

// Anybody can send the tag of a key that is not ours, and each such sign-out is a line of an error.
// rp-init-logout-other-state, -no-state; X-17; WSTG-SESS-06
func TestOnlyTheStateThatWentOutProvesTheProvidersSignOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state  func(string) string
		prompt string
	}{
		"right": {func(s string) string { return s }, ""},
		"wrong": {func(string) string { return "other" }, "login"},
		"none":  {func(string) string { return "" }, "login"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.provider.set(func(p *provider) { p.logout = "https://idp.example/end" })
			ann := s.visitor()
			ann.signIn("ann", "")
			ann.submit("/logout")
			wantStatus(t, ann.get("/signed-out?state="+c.state(s.provider.logoutState)), http.StatusOK)
			wantLocation(t, ann.get("/account"), "/login?return_to=%2Faccount")
			ann.signIn("ann", "")
			if got := s.provider.begun[len(s.provider.begun)-1].Prompt; got != c.prompt {
				t.Errorf("the next sign-in has prompt %q, want %q", got, c.prompt)
			}
		})
	}
}
