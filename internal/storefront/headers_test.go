package storefront_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/storefront"
)

var always = map[string]string{
	"X-Content-Type-Options":       "nosniff",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "same-origin",
}

// ASVS 3.4.1, 3.4.3, 3.4.4, 3.4.6, 3.4.8
func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	sheet := regexp.MustCompile(`/static/[^"]+\.css`).FindString(b.get("/").body)
	answers := map[string]reply{
		"page": b.get("/"), "static file": b.get(sheet), "robots": b.get("/robots.txt"), "health": b.get("/healthz"),
		"redirect": b.get("/account"), "not found": b.get("/nowhere"), "method": b.send(http.MethodDelete, "/cart", nil),
		"other host":           b.send(http.MethodPost, "/cart/lines", nil, with{"Host", "evil.example"}),
		"redirect to our host": b.get("/", with{"Host", "evil.example"}),
		"cross-site":           b.postForm("/cart/lines", nil, with{"Sec-Fetch-Site", "cross-site"}),
		"media type":           b.send(http.MethodPost, "/cart/lines", nil),
	}
	for name, r := range answers {
		for header, want := range always {
			if got := r.Header.Values(header); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		policy := r.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
			"; form-action 'self';"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: policy lacks %s: %s", name, part, policy)
			}
		}
		if r.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: no answer may allow other origins (ASVS 3.4.2)", name)
		}
		if got := len(r.Header.Values("Cache-Control")); got != 1 {
			t.Errorf("%s: %d Cache-Control headers", name, got)
		}
	}
}

// RFC 6797 7.2, ASVS 3.4.1
func TestStrictTransportSecurityIsSentOverHTTPSOnly(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://shop.example": "max-age=63072000; includeSubDomains", "http://shop.example": "",
		"https://localhost:8443": "",
	} {
		s := newShop(t)
		s.build([]setting{func(c *storefront.Config) {
			c.BaseURL, c.Insecure = address, strings.HasPrefix(address, "http:")
		}})
		for _, path := range []string{"/", "/account", "/healthz", "/robots.txt", "/nowhere"} {
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address+path, nil))
			if got := w.Header().Get("Strict-Transport-Security"); got != want {
				t.Errorf("%s%s: %q, want %q", address, path, got, want)
			}
		}
	}
}

// ASVS 14.3.2, 14.2.2; CS-18
func TestOnlyWhatIsNobodysMayBeStored(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	stranger := s.visitor()
	for _, path := range []string{"/", "/products", "/products/rain-bowler", "/cookies"} {
		r := stranger.get(path)
		if r.Header.Get("Cache-Control") != "private, no-cache" ||
			strings.Join(r.Header.Values("Vary"), ", ") != "Accept-Encoding, Cookie" || r.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s for a stranger: %q, Vary %q, Set-Cookie %q", path, r.Header.Get("Cache-Control"),
				r.Header.Values("Vary"), r.Header.Get("Set-Cookie"))
		}
	}
	anonymous, customer := s.visitor(), s.visitor()
	added := anonymous.post("/cart/lines", "sku", "HAT-1")
	signedIn := customer.signIn("ann", "/account")
	for name, r := range map[string]reply{"first add": added, "callback": signedIn, "login": stranger.get("/login"),
		"guarded": stranger.get("/account"),
		"cart":    stranger.get("/cart"), "not found": stranger.get("/nowhere"),
		"page 999":         stranger.get("/products?page=999"),
		"home with a cart": anonymous.get("/"), "home signed in": customer.get("/"), "account": customer.get("/account"),
		"orders": customer.get("/orders")} {
		if got := r.Header.Values("Cache-Control"); len(got) != 1 || got[0] != "no-store" {
			t.Errorf("%s: Cache-Control %q, want no-store", name, got)
		}
	}
}

// ASVS 14.2.5: a private page under an address that a cache takes for a static file.
func TestUnknownSuffixesAreNotFoundAndNotStored(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	for _, path := range []string{"/account/x.css", "/account;.js", "/account%2fx.css", "/account.css", "/account/%2f",
		"/orders/x.js", "/static/none.css",
		"/products/rain-bowler.png", "/products/%00", "/products/%ff", "/cart/lines/HAT-1/x", "/orders/HT-..%2f..",
		"/ACCOUNT"} {
		r := b.get(path)
		if r.StatusCode != http.StatusNotFound || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %q; want 404, no-store", path, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
}

// With the policy no-referrer a form sends "Origin: null" (Fetch Standard 3.2.4), which is refused
// where the browser sends no Fetch Metadata.
func TestNoPageWithAFormKeepsItsOriginBack(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Catalog = brokenShelves{c.Catalog} })
	ann := s.signedIn()
	forms := 0
	for _, path := range []string{
		"/login?problem=cancelled", "/login?problem=missing", "/login?confirm=1", "/auth/callback",
		"/auth/callback?state=x&code=y",
		"/account", "/cart", "/products", "/signed-out", "/nowhere",
	} {
		for who, b := range map[string]*browser{"a stranger": s.visitor(), "a customer": ann.twin()} {
			r := b.get(path)
			if !strings.Contains(r.body, `method="post"`) {
				continue
			}
			forms++
			if got := r.Header.Get("Referrer-Policy"); got != "same-origin" && got != "strict-origin" {
				t.Errorf("%s for %s: got Referrer-Policy %q on a page with a form, want same-origin or strict-origin", path, who,
					got)
			}
		}
	}
	if forms < 8 {
		t.Errorf("got %d pages with a form, want at least 8: the test looks at the wrong ones", forms)
	}
}

// A path written in another way than the shop's own leads to the shop's own, on this host, and is
// stored nowhere.
func TestAnotherSpellingOfAPathLeadsToThePage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.signedIn()
	for path, want := range map[string]string{
		"/account/": "/account", "/products/?q=hat": "/products?q=hat", "//products": "/products", "/cart//": "/cart",
		"/products/rain%2Dbowler": "/products/rain-bowler", "//evil.example/%2e%2e": "/",
		"/products/rain-bowler/": "/products/rain-bowler",
		"/favicon.ico/":          "/favicon.ico", "/login/": "/login",
	} {
		r := b.get(path)
		if got := r.Header.Get("Location"); r.StatusCode != http.StatusPermanentRedirect || got != s.url+want {
			t.Errorf("%s: got %d to %q, want 308 to %q", path, r.StatusCode, got, s.url+want)
		}
		if got := r.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: got Cache-Control %q, want no-store", path, got)
		}
	}
	posted := b.post("/cart/lines/", "sku", "HAT-1")
	if posted.StatusCode != http.StatusPermanentRedirect || s.count(`SELECT count(*) FROM cart_lines`) != 0 {
		t.Errorf("a form with a slash too many: got %d, want 308 and nothing done", posted.StatusCode)
	}
}

func TestPagesAreSentCompressedAndIconsAreThere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	plain := b.get("/", with{"Accept-Encoding", "identity"})
	for accept, want := range map[string]string{"gzip": "gzip", "gzip;q=0": "", "identity": ""} {
		r := b.get("/", with{"Accept-Encoding", accept})
		if got := r.Header.Get("Content-Encoding"); got != want || want == "gzip" && len(r.body) > len(plain.body)/3 {
			t.Errorf("Accept-Encoding %s: got %q, %d bytes of %d", accept, got, len(r.body), len(plain.body))
		}
	}
	for path, kind := range map[string]string{"/favicon.ico": "image/x-icon", "/favicon.svg": "image/svg+xml",
		"/apple-touch-icon.png": "image/png"} {
		r := b.get(path)
		wantStatus(t, r, http.StatusOK)
		if got := r.Header.Get("Content-Type"); got != kind || len(r.body) > 5000 {
			t.Errorf("%s: got %s of %d bytes, want %s", path, got, len(r.body), kind)
		}
		for _, accept := range []string{"gzip", "identity"} {
			again := b.get(path, with{"If-None-Match", r.Header.Get("ETag")}, with{"Accept-Encoding", accept})
			wantStatus(t, again, http.StatusNotModified)
		}
	}
}

func TestHashedStaticFilesAreKeptAndTouchNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	sheet := regexp.MustCompile(`/static/[^"]+\.css`).FindString(b.get("/").body)
	before := s.statements.Load()
	for range 20 {
		r := b.get(sheet)
		if !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || r.Header.Get("Set-Cookie") != "" ||
			slices.Contains(r.Header.Values("Vary"), "Cookie") {
			t.Fatalf("%s: %v", sheet, r.Header)
		}
		wantStatus(t, b.get("/healthz"), http.StatusOK)
	}
	if asked := s.statements.Load() - before; asked != 0 {
		t.Errorf("%d statements for static files and health checks, want none", asked)
	}
}

func TestReadinessFollowsTheDatabaseAndHealthDoesNot(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	wantStatus(t, b.get("/readyz"), http.StatusOK)
	s.store.Close()
	away := b.get("/readyz")
	wantStatus(t, away, http.StatusServiceUnavailable)
	wantBody(t, away, "database: away")
	wantStatus(t, b.get("/healthz"), http.StatusOK)
}

func TestPagesForThoseAstrayKnowTheCustomer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	wantBody(t, b.get("/nowhere"), `data-signed-in="true"`)
	wantBody(t, b.get("/logout"), `data-signed-in="true"`)
	before := s.statements.Load()
	b.get("/nowhere.png", with{"Sec-Fetch-Dest", "image"})
	if asked := s.statements.Load() - before; asked != 0 {
		t.Errorf("%d statements for an image that is not there", asked)
	}
}

func TestErrorPagesNameTheRequestAndNothingInside(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	r := b.get("/nowhere")
	id := r.Header.Get("X-Request-Id")
	if id == "" || !strings.Contains(s.logged(), id) {
		t.Errorf("request id %q is not in the log", id)
	}
	wantBody(t, r, id)
	forged := b.get("/nowhere", with{"X-Request-Id", "mine"})
	if strings.Contains(forged.body, "mine") || strings.Contains(s.logged(), "mine") {
		t.Error("a request id sent by a client must not be believed")
	}
	failing := b.get(s.provider.fail(errors.New("pgx: relation secret_table")))
	wantStatus(t, failing, http.StatusInternalServerError)
	wantNoBody(t, failing, "secret_table", "pgx")
	if !strings.Contains(s.logged(), "secret_table") {
		t.Error("the log must tell what the page does not")
	}
}

func TestLogHoldsNoSecretsAndOneLineForEachRequest(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.signIn("ann", "/account")
	b.get("/products?q=something-private")
	b.submit("/checkout/address", "name", "Ann Private", "street", "x")
	log := s.logged()
	for _, secret := range []string{"secret-code", b.cookies["__Host-tag"], "id-token-of", "ann@example", "Ann Private",
		"something-private", "state-1"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	// add, login, callback, search, /cookies for the token, address
	if got := strings.Count(log, `"msg":"request"`); got != 6 {
		t.Errorf("%d request lines, want 6\n%s", got, log)
	}
	if !strings.Contains(log, `"route":"/auth/callback"`) || !strings.Contains(log, `"session":"`) {
		t.Error("lines name route and session")
	}
}
