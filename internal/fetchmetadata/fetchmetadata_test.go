package fetchmetadata_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"hookandtag.example/shop/internal/fetchmetadata"
)

func request(headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func TestEveryWayToPrefetchIsSpeculative(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"Sec-Purpose", "prefetch", true},
		{"Sec-Purpose", "prefetch;prerender", true},
		{"Purpose", "prefetch", true},
		{"Purpose", "Prefetch", true},
		{"X-Moz", "prefetch", true},
		{"Purpose", "", false},
		{"Sec-Purpose", "other", false},
		{"X-Other", "prefetch", false},
	} {
		if got := fetchmetadata.Speculative(request(c.name, c.value)); got != c.want {
			t.Errorf("%s: %q: got speculative %v, want %v", c.name, c.value, got, c.want)
		}
	}
}

func TestOnlyTheWholeWindowIsTopLevel(t *testing.T) {
	for _, c := range []struct {
		site, mode, dest   string
		topLevel, embedded bool
	}{
		{"", "", "", true, false}, // an old browser, or none
		{"none", "navigate", "document", true, false},
		{"same-origin", "navigate", "document", true, false},
		{"cross-site", "navigate", "document", true, false},
		{"cross-site", "navigate", "iframe", false, true},
		{"cross-site", "no-cors", "image", false, true},
		{"same-site", "cors", "empty", false, true},
		{"same-origin", "cors", "empty", false, false},
		{"same-origin", "no-cors", "image", false, false},
		{"", "navigate", "", false, false},
		{"", "", "document", false, false},
	} {
		r := request("Sec-Fetch-Site", c.site, "Sec-Fetch-Mode", c.mode, "Sec-Fetch-Dest", c.dest)
		if got := fetchmetadata.TopLevel(r); got != c.topLevel {
			t.Errorf("%+v: got top level %v, want %v", c, got, c.topLevel)
		}
		if got := fetchmetadata.Embedded(r); got != c.embedded {
			t.Errorf("%+v: got embedded %v, want %v", c, got, c.embedded)
		}
	}
}

func TestSameOriginNeedsTheBrowsersWord(t *testing.T) {
	const origin = "https://shop.example"
	for _, c := range []struct {
		site, origin string
		want         bool
	}{
		{"same-origin", "", true},
		{"same-site", origin, false},
		{"cross-site", origin, false},
		{"", origin, true},
		{"", "HTTPS://shop.example", true},
		{"", "http://shop.example", false},
		{"", "null", false},
		{"", "", false},
	} {
		if got := fetchmetadata.SameOrigin(request("Sec-Fetch-Site", c.site, "Origin", c.origin), origin); got != c.want {
			t.Errorf("%+v: got same origin %v, want %v", c, got, c.want)
		}
	}
}
