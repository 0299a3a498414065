package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/middleware"
)

const origin = "https://shop.example"

// asked sends a request line's path, as it stands, through CanonicalPath.
func asked(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	u, err := url.ParseRequestURI(path)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest) // net/http does this
		return w
	}
	r.URL = u
	passed := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	middleware.CanonicalPath(origin)(passed).ServeHTTP(w, r)
	return w
}

func TestAPathWrittenInAnotherWayLeadsToTheOne(t *testing.T) {
	for path, want := range map[string]string{ // "": passes as it is
		"/": "", "/products": "", "/products?q=a//b/": "", "/a%2Fb": "", "/a%20b": "", "/%C3%A9": "", "/%00": "",
		"/a;b=c":                       "",
		"/products/":                   "/products",
		"/products//":                  "/products",
		"/products/?q=hat&page=2":      "/products?q=hat&page=2",
		"//products//rain-bowler":      "/products/rain-bowler",
		"/products/rain%2Dbowler":      "/products/rain-bowler",
		"/products/rain%2dbowler":      "/products/rain-bowler",
		"/%70roducts":                  "/products",
		"/%5Fa%7E%2e%30%5A%41%7a":      "/_a~.0ZAz",
		"/products/../cart":            "/cart",
		"/products/%2E%2e/cart":        "/cart",
		"/./":                          "/",
		"//":                           "/",
		"//evil.example":               "/evil.example",
		"//evil.example/":              "/evil.example",
		"///evil.example/%2e%2e":       "/",
		"//evil.example/..//other.one": "/other.one",
		"/%2Fevil.example/":            "/%2Fevil.example",
		"/%5Cevil.example/":            "/%5Cevil.example",
		`/\evil.example/`:              "/%5Cevil.example",
		"//user@evil.example/":         "/user@evil.example",
	} {
		r := asked(path)
		if want == "" {
			if r.Code != http.StatusOK {
				t.Errorf("%s: got %d to %q, want it to pass", path, r.Code, r.Header().Get("Location"))
			}
			continue
		}
		if got := r.Header().Get("Location"); r.Code != http.StatusPermanentRedirect || got != origin+want {
			t.Errorf("%s: got %d to %q, want 308 to %q", path, r.Code, got, origin+want)
		}
	}
}

func TestNoPathLeadsAwayOrRoundInACircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := "/" + rapid.StringMatching(`([/.\\ab@:-]|%2[eEfF]|%5[cCfF]|%[0-9a-f]{2}){0,20}`).Draw(t, "path")
		r := asked(path)
		to := r.Header().Get("Location")
		if r.Code != http.StatusPermanentRedirect {
			return
		}
		u, err := url.Parse(to)
		if err != nil || u.Host != "shop.example" || u.Scheme != "https" || u.User != nil {
			t.Fatalf("%s leads to %s", path, to)
		}
		if again := asked(strings.TrimPrefix(to, origin)); again.Code == http.StatusPermanentRedirect {
			t.Fatalf("%s leads to %s and on to %s", path, to, again.Header().Get("Location"))
		}
	})
}
