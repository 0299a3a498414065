package storefront_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestHeadAnswersWhereverGetDoes(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	for _, path := range []string{"/", "/products", "/products/drizzle", "/cart", "/account", "/orders", "/cookies",
		"/healthz", "/robots.txt", "/sitemap.xml", "/signed-out"} {
		get, head := b.get(path), b.send(http.MethodHead, path, nil)
		if head.StatusCode != get.StatusCode || head.body != "" {
			t.Errorf("HEAD %s: %d with %d bytes, GET %d", path, head.StatusCode, len(head.body), get.StatusCode)
		}
	}
}

// A page that nobody looked at has not explained why the session ended.
func TestHeadLeavesTheTagOfAnEndedSession(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	s.goIdle()
	for _, path := range []string{"/login", "/cart", "/signed-out"} {
		if r := b.send(http.MethodHead, path, nil); r.Header.Get("Set-Cookie") != "" {
			t.Errorf("HEAD %s clears the tag", path)
		}
	}
	wantBody(t, b.get("/cart"), `data-notice="ended"`)
}

func TestHeadLeavesWhatIsKeptToBeSaid(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.send(http.MethodHead, "/cart", nil)
	wantBody(t, b.get("/cart"), `data-notice="added"`)
}

func TestAnAddressOfAFormLeadsToThePageOfTheForm(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	for address, page := range map[string]string{
		"/cart/lines": "/cart", "/cart/lines/HAT-1": "/cart", "/cart/saved/HAT-1/remove": "/cart", "/cart/undo": "/cart",
		"/orders/HT-AAAA-AAAAA/cancel": "/orders/HT-AAAA-AAAAA",
		"/orders/a%20%3Fb/cancel":      "/orders/a%20%3Fb", "/account/devices/end-others": "/account/devices",
	} {
		wantLocation(t, b.get(address), page)
		wantStatus(t, b.send(http.MethodDelete, address, nil), http.StatusMethodNotAllowed)
	}
	navigates := func(to string) []with { return []with{{"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", to}} }
	wantLocation(t, b.get("/cart/lines", navigates("document")...), "/cart")
	wantStatus(t, b.get("/cart/lines", navigates("image")...), http.StatusMethodNotAllowed)
	wantStatus(t, b.postForm("/products/drizzle", nil, navigates("document")...), http.StatusMethodNotAllowed)
}

func TestOtherMethodsAreRefusedAndToldWhatIsAllowed(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	for request, allow := range map[string]string{
		"PUT /cart": "GET, HEAD", "DELETE /cart/lines": "POST", "GET /logout": "POST", "TRACE /": "GET, HEAD",
		"OPTIONS /login": "GET, HEAD, POST",
		"PATCH /orders":  "GET, HEAD, POST", "HEAD /logout": "POST", "POST /account": "GET, HEAD",
		"POST /healthz": "GET, HEAD", "FOO /cart": "GET, HEAD",
	} {
		method, path, _ := strings.Cut(request, " ")
		r := b.send(method, path, nil)
		if r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != allow {
			t.Errorf("%s: %d, Allow %q; want 405, %q", request, r.StatusCode, r.Header.Get("Allow"), allow)
		}
	}
	override := b.get("/cart?_method=DELETE", with{"X-HTTP-Method-Override", "POST"})
	wantStatus(t, override, http.StatusOK)
}
