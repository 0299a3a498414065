package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/shoptest"
)

// openBrokeredShop opens a shop whose provider leaves its work to others, as with social sign-in or
// a company's own directory: on the way in, on the way out and on the way back the browser goes
// through a broker and a company, each another origin.
func openBrokeredShop(t *testing.T, o shoptest.Options) (s *shop, passed *requests) {
	t.Helper()
	passed = &requests{}
	onward := passed.noting(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.FormValue("to"), http.StatusSeeOther)
	}))
	broker, company := httptest.NewServer(onward), httptest.NewServer(onward)
	t.Cleanup(broker.Close)
	t.Cleanup(company.Close)
	through := func(to string) string {
		for host, server := range map[string]*httptest.Server{"broker": broker, "company": company} {
			to = "http://" + host + ".localhost:" + shoptest.Port(server.Listener) + "/" + host + "?to=" + url.QueryEscape(to)
		}
		return to
	}
	o.Before = func(s *shoptest.Shop, provider http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begins := r.Method == http.MethodGet && (r.URL.Path == "/authorize" || r.URL.Path == "/end_session")
			if begins && !strings.HasSuffix(r.URL.RawQuery, "&passed=1") {
				http.Redirect(w, r, through(s.Issuer+r.URL.RequestURI()+"&passed=1"), http.StatusSeeOther)
				return
			}
			provider.ServeHTTP(&leadingBack{w, s.URL, through}, r)
		})
	}
	return open(t, o), passed
}

// leadingBack sends a browser that goes back to the shop through the others first. The provider's
// own policy knows nothing of them.
type leadingBack struct {
	http.ResponseWriter
	shop    string
	through func(string) string
}

// WriteHeader implements http.ResponseWriter.
func (w *leadingBack) WriteHeader(status int) {
	w.Header().Del("Content-Security-Policy")
	if to := w.Header().Get("Location"); strings.HasPrefix(to, w.shop) {
		w.Header().Set("Location", w.through(to))
	}
	w.ResponseWriter.WriteHeader(status)
}

// S-23: the way to the provider and back is not held to form-action, wherever it leads.
func TestAProviderThatPassesTheBrowserOnToOtherOriginsWorksInAndOut(t *testing.T) {
	t.Parallel()
	for name, scripts := range map[string]bool{"with scripts": true, "without scripts": false} {
		if !scripts && !thorough() {
			continue // without scripts the same answers lead the same way
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, passed := openBrokeredShop(t, shoptest.Options{})
			v := newShopper(t, s)
			if !scripts {
				v = newShopperWhoGoesBack(t, s).disablesScripts()
			}
			v.puts("typist")
			v.presses("Go to checkout")
			v.setsOut()
			v.isAt(s.issuer + "/login")
			v.reloads()
			v.isAt(s.issuer + "/login")
			v.goesBack()
			v.isAt("/login")
			v.isSignedIn(false, "1")
			v.signsIn(alice)
			v.isAt("/checkout/address")
			v.isSignedIn(true, "1")

			v.opens("/login?confirm=1&return_to=%2Faccount")
			v.presses("Continue")
			v.proves(alice)
			v.isAt("/account")

			v.signsOut()
			v.sees("You handed in your tag")
			v.isSignedIn(false, "0")
			v.reloads()
			v.isAt("/signed-out")
			for v.goesBack() {
				v.doesNotSee(alice.name, "Sign out")
			}
			for _, host := range []string{"/broker", "/company"} {
				if n := len(passed.to(host)); n < 6 {
					t.Errorf("the browser went through %s %d times, want in, back and out for each of three ways", host, n)
				}
			}
			if len(s.asked.to("/end_session")) == 0 {
				t.Error("the provider did not learn of the sign-out")
			}
		})
	}
}
