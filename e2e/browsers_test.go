//go:build browsers

package e2e

import (
	"crypto/tls"
	"fmt"
	"net/http/httptest"
	"os"
	"testing"

	"hookandtag.example/shop/dev/shoptest"
)

// TestTheJourneyInEachBrowser goes from the first hat to Back after the sign-out, over https and by
// a provider that passes the browser on to other origins.
func TestTheJourneyInEachBrowser(t *testing.T) {
	for name := range starts {
		t.Run(name, func(t *testing.T) {
			listener := shoptest.Listen(t)
			secured := tls.NewListener(listener, &tls.Config{Certificates: certificates(t)})
			s, passed := openBrokeredShop(t,
				shoptest.Options{URL: "https://localhost:" + shoptest.Port(listener), Listener: secured})
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
