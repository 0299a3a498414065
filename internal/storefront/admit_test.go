package storefront_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/storefront"
)

func TestEachPageNeedsAPlaceAndWhatIsNoPageNeedsNone(t *testing.T) { // ASVS 15.2.2
	t.Parallel()
	s := newShop(t)
	leave := s.handler.Fill()
	defer leave()
	busy := []string{"GET /", "GET /cart", "GET /products", "GET /login", "GET /signed-out", "GET /account",
		"GET /account/stay", "GET /nowhere", "POST /cart/lines", "POST /logout", "POST /account/stay"}
	var wait sync.WaitGroup
	for _, what := range busy {
		wait.Go(func() {
			method, path, _ := strings.Cut(what, " ")
			r := s.visitor().send(method, path, strings.NewReader(""))
			if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
				t.Errorf("%s: got %d with Retry-After %q, want 503", what, r.StatusCode, r.Header.Get("Retry-After"))
			}
		})
	}
	wait.Wait()
	refused := 0
	for line := range strings.Lines(s.logged()) {
		if strings.Contains(line, middleware.ErrBusy.Error()) && strings.Contains(line, `"overloaded"`) {
			refused++
		}
	}
	if refused != len(busy) {
		t.Errorf("got %d lines that name the event overloaded, want %d:\n%s", refused, len(busy), s.logged())
	}
	wantStatus(t, s.visitor().get("/healthz"), http.StatusOK)
	wantStatus(t, s.visitor().post("/login"), http.StatusOK) // sign-ins have places apart
}

// A refused request must cost little, or a flood of them leaves nothing for those who are let in.
func TestThePageOfABusyShopIsMadeOnceAndLeadsBackToEachAddress(t *testing.T) { // ASVS 15.2.2
	t.Parallel()
	s := newShop(t)
	defer s.handler.Fill()()
	cases := []struct{ method, path, link string }{
		{"GET", "/products?q=%22%3E'&sort=price", "/products?q=%22%3E&#39;&amp;sort=price"},
		{"GET", "/account", "/account"},
		{"POST", "/cart/lines", "/cart"},
	}
	pages := make([]string, len(cases))
	var wait sync.WaitGroup
	for i, c := range cases {
		wait.Go(func() {
			r := s.visitor().send(c.method, c.path, strings.NewReader(""))
			link, id := `href="`+c.link+`">Try again</a>`, r.Header.Get("X-Request-Id")
			if !strings.Contains(r.body, link) || !strings.Contains(r.body, `<span class="mono">`+id+`</span>`) {
				t.Errorf("%s %s: want %s and the number %s in\n%s", c.method, c.path, link, id, r.body)
			}
			pages[i] = strings.Replace(strings.Replace(r.body, link, "", 1), id, "", 1)
		})
	}
	wait.Wait()
	for i, c := range cases {
		if pages[i] != pages[0] {
			t.Errorf("%s %s: got\n%s\nwant the page of the first but for link and number:\n%s", c.method, c.path, pages[i],
				pages[0])
		}
	}
}

// slowProvider keeps every sign-in waiting until it is closed.
type slowProvider struct {
	*provider
	asked sync.WaitGroup
	open  chan struct{}
}

func (p *slowProvider) Begin(ctx context.Context, w http.ResponseWriter, r *http.Request,
	b auth.Begin) (string, error) {
	p.asked.Done()
	<-p.open
	return p.provider.Begin(ctx, w, r, b)
}

func TestASlowProviderHoldsTheSignInsAndNoPage(t *testing.T) { // ASVS 15.2.2
	t.Parallel()
	slow := &slowProvider{open: make(chan struct{})}
	s := newShop(t, func(c *storefront.Config) {
		slow.provider = c.Provider.(*provider)
		c.Provider = slow
	})
	slow.asked.Add(storefront.MostSignIns)
	var ended sync.WaitGroup
	for range storefront.MostSignIns {
		ended.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/login", http.NoBody)
			r.Host = strings.TrimPrefix(s.url, "http://")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			s.handler.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	slow.asked.Wait()
	wantStatus(t, s.visitor().get("/auth/callback?state=x&code=y"), http.StatusServiceUnavailable)
	wantStatus(t, s.visitor().post("/login"), http.StatusServiceUnavailable)
	wantStatus(t, s.visitor().get("/products"), http.StatusOK)
	close(slow.open)
	ended.Wait()
}
