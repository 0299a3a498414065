package storefront_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/storefront"
)

// Some gateways write the client's port into X-Forwarded-For: it must put nobody under another's
// limit, and hide nobody from their own.
func TestAClientsAddressIsFoundWithAndWithoutItsPort(t *testing.T) {
	t.Parallel()
	s := newShop(t, trusting, func(c *storefront.Config) { c.Rates = storefront.Rates{SignIn: twoAnHour} })
	for _, address := range []string{"192.0.2.%d", "192.0.3.%d:4711", "[2001:db8:%d::1]:4711", "[2001:db8:a%d::1]",
		"198.51.100.%d:4711, 127.0.0.1:80", "203.0.113.%d:1 , 127.0.0.1"} {
		for client := range 3 {
			from := with{"X-Forwarded-For", fmt.Sprintf(address, client+1)}
			for range 2 {
				wantStatus(t, s.visitor().postForm("/login", nil, from), http.StatusOK)
			}
			wantStatus(t, s.visitor().postForm("/login", nil, from), http.StatusTooManyRequests)
		}
	}
	same := s.visitor()
	for port := range 2 {
		wantStatus(t, same.postForm("/login", nil, with{"X-Forwarded-For", fmt.Sprintf("192.0.2.99:%d", port+1)}),
			http.StatusOK)
	}
	wantStatus(t, same.postForm("/login", nil, with{"X-Forwarded-For", "192.0.2.99:3"}), http.StatusTooManyRequests)
}

func TestAProxyThatLosesTheHostHeaderIsNamedAndLeadsNobodyRoundAndRound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers   []with
		redirects int // before the shop says what is wrong
	}{
		"it says what browsers asked for": {[]with{{"X-Forwarded-Host", "%s"}}, 0},
		"it says nothing":                 {nil, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, trusting)
			headers := []with{{"Host", "backend:8080"}, {"X-Forwarded-For", "192.0.2.1"}}
			for _, h := range c.headers {
				headers = append(headers, with{h.name, fmt.Sprintf(h.value, strings.TrimPrefix(s.url, "http://"))})
			}
			for range c.redirects {
				wantLocation(t, s.visitor().get("/products", headers...), s.url+"/products")
			}
			answer := s.visitor().get("/products", headers...)
			wantStatus(t, answer, http.StatusMisdirectedRequest)
			wantBody(t, answer, "not set up right")
			if !strings.Contains(s.logged(), "does not pass on the Host header") {
				t.Error("the log does not say why")
			}
			// Another visitor, another page and the shop's own name go on.
			wantStatus(t, s.visitor().get("/products", with{"X-Forwarded-For", "192.0.2.1"}), http.StatusOK)
			if c.redirects > 0 {
				wantLocation(t, s.visitor().get("/products", with{"Host", "www.example"}, with{"X-Forwarded-For", "192.0.2.2"}),
					s.url+"/products")
			}
		})
	}
}

// What a page takes for words to search for counts as a search, however it is written.
func TestASearchCountsHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"q=hat%", "q=50%25%", "q=hat;b", "%71=hat%zz", "a=%&q=hat%"} {
		s := newShop(t, func(c *storefront.Config) { c.Rates = storefront.Rates{Search: twoAnHour} })
		for range 2 {
			wantStatus(t, s.visitor().get("/products?"+query), http.StatusOK)
		}
		if r := s.visitor().get("/products?" + query); r.StatusCode != http.StatusTooManyRequests {
			t.Errorf("?%s for the third time: %d, want %d", query, r.StatusCode, http.StatusTooManyRequests)
		}
	}
}

func TestSearchingHasALimitOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates = storefront.Rates{Search: twoAnHour} })
	for range 2 {
		wantStatus(t, s.visitor().get("/products?q=hat"), http.StatusOK)
	}
	refused := s.visitor().get("/products?q=coat")
	wantStatus(t, refused, http.StatusTooManyRequests)
	if refused.Header.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	for _, path := range []string{"/products", "/products?q=", "/products?room=hats", "/"} {
		wantStatus(t, s.visitor().get(path), http.StatusOK)
	}
}
