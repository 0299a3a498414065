//go:build browsers

package e2e

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"

	"hookandtag.example/shop/dev/browser/driver"
	"hookandtag.example/shop/dev/shoptest"
)

// starts are the browsers in which the journey is made.
var starts = map[string]func(*testing.T, *shop) driver.Window{
	"Chromium": startChromium, "Firefox": startFirefox, "WebKit": startWebKit,
}

func startFirefox(t *testing.T, _ *shop) driver.Window {
	t.Helper()
	return started(t, driver.StartFirefox)
}

func startWebKit(t *testing.T, _ *shop) driver.Window {
	t.Helper()
	return started(t, driver.StartWebKit)
}

func started(t *testing.T, start func(context.Context) (driver.Window, func() error, error)) driver.Window {
	t.Helper()
	window, stop, err := start(t.Context())
	if stop != nil {
		t.Cleanup(func() {
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return window
}

// startChromium opens a window of the full browser, in which a journey goes back.
func startChromium(t *testing.T, s *shop) driver.Window {
	t.Helper()
	v := newShopperWhoGoesBack(t, s)
	call(v, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	return chromium{v}
}

// chromium is a driver.Window.
type chromium struct{ v *shopper }

func (c chromium) Open(_ context.Context, address string) error { c.v.goes(address); return nil }

func (c chromium) Run(_ context.Context, expression string, value any) error {
	return json.Unmarshal(ask[json.RawMessage](c.v, "() => "+expression), value)
}

func (c chromium) Back(context.Context) error { c.v.goesBack(); return nil }

func (c chromium) Resize(_ context.Context, width, height int) error {
	c.v.does(chromedp.EmulateViewport(int64(width), int64(height)))
	return nil
}

func (c chromium) Tab(context.Context) (driver.Window, error) {
	other := c.v.secondTab()
	call(other, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	return chromium{other}, nil
}

const tablet = 768

// webkitNarrow is the width of the narrowest window that WebKitGTK's small browser makes: its tool
// bar has no less.
const webkitNarrow = 450

func newTraveller(t *testing.T, s *shop, browser string) *traveller {
	t.Helper()
	v := &traveller{t: t, shop: s, window: starts[browser](t, s), narrowest: narrow}
	if browser == "WebKit" {
		v.narrowest = webkitNarrow
	}
	return v
}

// traveller is a shopper in any of the browsers. What is not as it should be ends the test.
type traveller struct {
	t      *testing.T
	shop   *shop
	window driver.Window
	pages  int // how many pages were marked

	narrowest int // the width of the narrowest window to be had
}

func (v *traveller) must(what string, err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatalf("%s: %v", what, err)
	}
}

func answerOf[T any](v *traveller, expression string) (value T) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), waitLimit)
	defer cancel()
	v.must(expression, v.window.Run(ctx, expression, &value))
	return value
}

func (v *traveller) address() string { v.t.Helper(); return answerOf[string](v, "location.href") }

func (v *traveller) text() string {
	v.t.Helper()
	return words(answerOf[string](v, "document.title + ' | ' + document.body.innerText"))
}

func (v *traveller) opens(path string) {
	v.t.Helper()
	v.must("open "+path, v.window.Open(v.t.Context(), v.shop.url+path))
	v.settles("")
}

// marks gives the page on screen a mark that no other page has.
func (v *traveller) marks() (mark string) {
	v.t.Helper()
	v.pages++
	return answerOf[string](v, fmt.Sprintf("window.mark = 'page %d'", v.pages))
}

// settles waits for a page without the mark that leads nowhere by itself.
func (v *traveller) settles(mark string) {
	v.t.Helper()
	condition := fmt.Sprintf(`window.mark !== %q && location.protocol.startsWith("http") &&
		document.readyState === "complete" && !document.documentElement.ariaBusy &&
		!document.querySelector("meta[http-equiv=refresh]")`, cmp.Or(mark, "no mark"))
	ctx, cancel := context.WithTimeout(v.t.Context(), waitLimit)
	defer cancel()
	for {
		var done bool
		err := v.window.Run(ctx, condition, &done)
		if err == nil && done {
			return
		}
		select { // an error is one of a page that has just gone
		case <-ctx.Done():
			v.t.Fatalf("no page after %q: %v", mark, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// presses the first button or link on screen whose text begins with name, and waits for the page it
// leads to.
func (v *traveller) presses(name string) {
	v.t.Helper()
	mark := v.marks()
	v.clicks(name)
	v.settles(mark)
}

func (v *traveller) clicks(name string) {
	v.t.Helper()
	found := answerOf[bool](v, fmt.Sprintf(`(name => {
		const it = [...document.querySelectorAll("a, button")]
			.find(e => e.checkVisibility() && e.innerText.trim().startsWith(name))
		if (it) setTimeout(() => it.click())
		return Boolean(it)
	})(%q)`, name))
	if !found {
		v.t.Fatalf("%s has no %q: %s", v.address(), name, v.text())
	}
}

func (v *traveller) fills(field, text string) {
	v.t.Helper()
	if !answerOf[bool](v, fmt.Sprintf(`((name, text) => {
		const field = document.querySelector("[name=" + name + "]")
		if (field) field.value = text
		return Boolean(field)
	})(%q, %q)`, field, text)) {
		v.t.Fatalf("%s has no field %q", v.address(), field)
	}
}

func (v *traveller) until(what, condition string) {
	v.t.Helper()
	shoptest.Eventually(v.t, what, func() bool { return answerOf[bool](v, condition) })
}

func (v *traveller) isAt(path string) {
	v.t.Helper()
	if got, _, _ := strings.Cut(v.address(), "?"); got != v.shop.url+path {
		v.t.Fatalf("the browser is at %s, want %s: %s", v.address(), path, v.text())
	}
}

func (v *traveller) sees(text string, want bool) {
	v.t.Helper()
	if page := v.text(); strings.Contains(page, text) != want {
		v.t.Fatalf("%s says %q: got %t, want %t: %s", v.address(), text, !want, want, page)
	}
}

// puts puts a product in the cart from its page, and goes to the cart.
func (v *traveller) puts(slug string) {
	v.t.Helper()
	v.opens("/products/" + slug)
	v.clicks("Add to cart")
	v.until("the product is in the cart", `Boolean(document.querySelector(".toast"))`)
	v.opens("/cart")
}

func (v *traveller) signsIn() {
	v.t.Helper()
	v.presses("Go to the sign-in service")
	v.fills("email", alice.email)
	v.fills("password", "password")
	v.presses("Sign in")
}

// goesBack presses Back and waits for the page before this one.
func (v *traveller) goesBack() {
	v.t.Helper()
	mark := v.marks()
	v.must("go back", v.window.Back(v.t.Context()))
	v.settles(mark)
}

// TestTheJourneyInEachBrowser goes from the first hat to Back after the sign-out, over https and by
// a provider that passes the browser on to other origins.
func TestTheJourneyInEachBrowser(t *testing.T) {
	for name := range starts {
		t.Run(name, func(t *testing.T) {
			listener := shoptest.Listen(t)
			secured := tls.NewListener(listener, &tls.Config{Certificates: certificates(t)})
			s, passed := openBrokeredShopAt(t, "https://localhost:"+shoptest.Port(listener), secured)
			v := newTraveller(t, s, name)
			v.puts("rain-bowler")
			v.sees("Rain Bowler", true)
			v.opens("/cart")
			v.sees("Rain Bowler", true)
			v.fits("/", "/products", "/products/rain-bowler", "/cart", "/login", "/delivery", "/nowhere")

			v.opens("/cart")
			v.presses("Go to checkout")
			v.signsIn()
			v.isAt("/checkout/address")
			v.opens("/cart")
			v.sees("Rain Bowler", true)
			v.opens("/account")
			v.sees(alice.name, true)
			v.fits("/account", "/account/devices", "/orders", "/checkout/address")

			v.opens("/account")
			v.signsOutBesideAnotherTab()
			for range 5 {
				v.goesBack()
				v.sees(alice.name, false)
				v.sees("Sign out", false)
			}
			for _, host := range []string{"/broker", "/company"} {
				if n := len(passed.to(host)); n < 4 {
					t.Errorf("the browser went through %s %d times, want in, back, out and back", host, n)
				}
			}
		})
	}
}

// signsOutBesideAnotherTab signs out while another tab shows the customer, which then shows nothing
// of them.
func (v *traveller) signsOutBesideAnotherTab() {
	v.t.Helper()
	window, err := v.window.Tab(v.t.Context())
	v.must("open a tab", err)
	other := &traveller{t: v.t, shop: v.shop, window: window}
	other.opens("/orders")
	other.sees("Sign out", true)
	v.presses("Sign out")
	v.isAt("/signed-out")
	v.sees("You handed in your tag", true)
	other.until("the other tab follows", `location.pathname === "/signed-out" && document.readyState === "complete"`)
	other.sees("Alice", false)
}

// fits looks at the layout of pages as wide as a screen, a tablet and a telephone. With AXE, which
// `go run ./cmd/dev looks` sets, axe looks at them, too.
func (v *traveller) fits(paths ...string) {
	v.t.Helper()
	faults, axe := faultsOf, ""
	if file := os.Getenv("AXE"); file != "" {
		text, err := os.ReadFile(file)
		v.must("read axe", err)
		faults, axe = inspection, string(text)
	}
	for _, path := range paths {
		v.opens(path)
		answerOf[bool](v, "(() => { "+axe+"; return true })()")
		for _, width := range []int{wide, tablet, narrow} {
			v.must("make the window narrower", v.window.Resize(v.t.Context(), width, phoneTall))
			v.until("the window is narrower", fmt.Sprintf("innerWidth <= %d", max(width, v.narrowest)))
			for _, fault := range answerOf[[]string](v, "("+faults+")()") {
				v.t.Errorf("%s, %d wide: %s", path, width, fault)
			}
		}
	}
	v.must("make the window wide", v.window.Resize(v.t.Context(), wide, tall))
}

// TestPlainHTTPOnThisMachineInEachBrowser: WebKit keeps no Secure cookie from http://localhost, and
// then the cart says what to do. The others keep the cart.
func TestPlainHTTPOnThisMachineInEachBrowser(t *testing.T) {
	for name := range starts {
		t.Run(name, func(t *testing.T) {
			s := openShop(t)
			v := newTraveller(t, s, name)
			v.opens("/products/rain-bowler")
			v.clicks("Add to cart")
			v.until("the answer is there", `Boolean(document.querySelector(".toast")) || location.pathname === "/cart"`)
			if name == "WebKit" {
				v.isAt("/cart")
				v.until("the page is there", `document.readyState === "complete"`)
				v.sees("In Safari, open this shop over https", true)
			}
			v.opens("/cart")
			v.sees("Rain Bowler", name != "WebKit")
		})
	}
}

// certificates are those of a server that nobody trusts.
func certificates(t *testing.T) []tls.Certificate {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return server.TLS.Certificates
}
