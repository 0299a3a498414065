package storefront_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzzedForms are the forms of a shop; the first stand on every visitor's pages, the others on
// customers'.
var fuzzedForms = []string{
	"/cart/lines", "/cart/lines/HAT-1", "/cart/lines/HAT-1/save", "/cart/saved/HAT-1/restore", "/cart/undo",
	"/cart/forget",
	"/orders", "/checkout/address", "/checkout/delivery", "/account/devices/x/end", "/account/devices/end-others",
	"/logout",
}

// Whatever is posted is never a fault of the shop, never half an answer, and never done for a
// customer without their form token.
func FuzzForm(f *testing.F) {
	s := newShop(f)
	stranger, customer := s.visitor(), s.visitor()
	wantStatus(f, stranger.post("/cart/lines", "sku", "HAT-1"), http.StatusSeeOther)
	customer.signIn("ann", "")
	wantStatus(f, customer.submit("/cart/lines", "sku", "UMB-1"), http.StatusSeeOther)
	customer.get("/cart") // which says so, and sets no cookie afterwards
	for name, form := range badForms {
		if len(form.body) < 1000 {
			f.Add(uint8(len(name)), form.kind, form.body)
		}
	}
	f.Add(uint8(6), formType, "order_key=x&total=-1&payment=approve&form_token=x")
	f.Add(uint8(7), formType+"; charset=utf-8", "name=%F0%9F%A7%A5&street=%E2%80%AE&postcode=1&city=a%0Ab&country=DE")
	f.Add(uint8(8), formType, "delivery=post&delivery=collect")
	f.Fuzz(func(t *testing.T, which uint8, kind, body string) {
		path := fuzzedForms[int(which)%len(fuzzedForms)]
		for _, b := range []*browser{stranger, customer} {
			w := b.play(http.MethodPost, path, kind, body)
			checkAnswer(t, w)
			shownAgain := w.Code >= 400 || path == "/orders" && strings.HasPrefix(w.Header().Get("Location"), "/checkout/")
			if b == customer &&
				(!shownAgain || w.Result().Header["Set-Cookie"] != nil &&
					!strings.HasPrefix(w.Header().Get("Set-Cookie"), noticeCookie)) {
				t.Errorf("done without the token: %s %q: %d", path, body, w.Code)
			}
		}
	})
}

var fuzzedPages = []string{"/", "/products", "/products/rain-bowler", "/cart", "/login", "/signed-out",
	"/auth/callback", "/cookies", "/account", "/orders", "/checkout/address", "/resume"}

// Whatever stands in an address after the question mark is never a fault of the shop, and leads
// nowhere else.
func FuzzQuery(f *testing.F) {
	s := newShop(f)
	stranger, customer := s.visitor(), s.visitor()
	customer.signIn("ann", "")
	for i, query := range []string{"q=%00", "q=hat&room=hats&min=1&max=2&in_stock=on&sort=price&page=2",
		"page=-1&min=1e9&max=NaN", "slug=%ff", "added=1", "return_to=//e&confirm=1", "state=x&state=y",
		"state=a&code=b&error=c",
		"return_to=https:e", "q=%zz", "q=a;b", "page=99999999999999999999"} {
		f.Add(uint8(i), query)
	}
	f.Fuzz(func(t *testing.T, which uint8, query string) {
		path := fuzzedPages[int(which)%len(fuzzedPages)]
		for _, b := range []*browser{stranger, customer} {
			w := b.play(http.MethodGet, path, "", query)
			checkAnswer(t, w)
			if to := w.Header().Get("Location"); to != "" &&
				(to[0] != '/' || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\t\r\n")) {
				t.Errorf("%s?%q leads to %q", path, query, to)
			}
		}
	})
}

// No form is a logout but one whose token the provider signed; everything else is 400, or no way to
// ask. // X-12
func FuzzLogoutForm(f *testing.F) {
	s := newShop(f)
	b := s.visitor()
	for _, body := range []string{"logout_token=x", "logout_token=x&logout_token=x", "logout_token=", "%zz",
		"logout_token=a.b.c&other=1", `{"logout_token":"x"}`} {
		f.Add(formType, body)
	}
	f.Fuzz(func(t *testing.T, kind, body string) {
		w := b.play(http.MethodPost, "/auth/backchannel-logout", kind, body)
		if !slices.Contains([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
			w.Code) {
			t.Errorf("%q: %d", body, w.Code)
		}
		checkAnswer(t, w)
	})
}

// Anyone can send a report: whatever is in it, the log stays lines of JSON that a terminal shows as
// they are. // ASVS 16.4.1
func FuzzReport(f *testing.F) {
	s := newShop(f)
	b := s.visitor()
	f.Add("application/csp-report",
		`{"csp-report":{"effective-directive":"img-src","blocked-uri":"https://e/?secret#x","document-uri":"\u001b[2J"}}`)
	f.Add("application/reports+json",
		`[{"type":"csp-violation","body":{"blockedURL":"javascript:\n","documentURL":"//\\u2028"}},{"type":"x"},{}]`)
	f.Add("application/reports+json", `[null,{"type":"csp-violation"}]`)
	f.Add("application/csp-report", `[]`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		s.logLock.Lock()
		s.log.Reset()
		s.logLock.Unlock()
		w := b.play(http.MethodPost, "/csp-reports", kind, body)
		checkAnswer(t, w)
		if log := s.logged(); strings.ContainsFunc(log, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) ||
			strings.Count(log, "\n") > 6 {
			t.Errorf("%q: the log says %q", body, log)
		}
	})
}

// play gives the shop a request as no network would pass it on; text is the body, or for a GET the
// query.
func (b *browser) play(method, path, kind, text string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, b.shop.url+path, strings.NewReader(text))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodGet {
		r.Body, r.ContentLength, r.URL.RawQuery = http.NoBody, 0, text
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		r.Header.Set("Sec-Fetch-Dest", "document")
	} else {
		r.Header.Set("Content-Type", kind)
	}
	for _, name := range slices.Sorted(maps.Keys(b.cookies)) {
		r.AddCookie(&http.Cookie{Name: name, Value: b.cookies[name]})
	}
	w := httptest.NewRecorder()
	b.shop.handler.ServeHTTP(w, r)
	return w
}

// checkAnswer is what holds for every answer.
func checkAnswer(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("status %d\n%s", w.Code, summary(w.Body.String()))
	}
	if !utf8.Valid(w.Body.Bytes()) || (w.Code >= 400 && w.Header().Get("Cache-Control") != "no-store") {
		t.Errorf("status %d with Cache-Control %q\n%q", w.Code, w.Header().Get("Cache-Control"), summary(w.Body.String()))
	}
	seen := map[string]bool{}
	for _, c := range w.Result().Cookies() {
		if seen[c.Name] {
			t.Errorf("%s is set twice", c.Name)
		}
		seen[c.Name] = true
	}
}
