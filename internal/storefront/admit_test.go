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
