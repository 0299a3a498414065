package storefront

import (
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/go-chi/chi/v5"
)

// Routes lists every route as "METHOD pattern", from the router itself.
func (s *Server) Routes() (routes []string) {
	_ = chi.Walk(s.router, func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		routes = append(routes, method+" "+pattern)
		return nil
	})
	return routes
}

// FormPage returns the page that the form of a route is on, or "".
func FormPage(route string) string { return forms[route].page }

// ParseNotices reads the value of the notices' cookie and returns each notice as it would be
// written.
func ParseNotices(value string) (notices []string) {
	for _, n := range parseNotices(value) {
		notices = append(notices, n.String())
	}
	return notices
}

// CachedPages returns how many whole pages are kept.
func (s *Server) CachedPages() int {
	s.cache.mu.RLock()
	defer s.cache.mu.RUnlock()
	return len(s.cache.pages)
}

// Fill takes every place of those for pages until leave is called.
func (s *Server) Fill() (leave func()) {
	gone := make(chan struct{})
	var inside, ended sync.WaitGroup
	h := s.admit(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inside.Done()
		<-gone
	}))
	inside.Add(mostPages)
	for range mostPages {
		ended.Go(func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody)) })
	}
	inside.Wait()
	return func() {
		close(gone)
		ended.Wait()
	}
}

// MostSignIns is how many requests may wait for the provider at once.
const MostSignIns = mostSignIns

// IsKept reports whether the page that r asks for may be kept.
func IsKept(r *http.Request) bool {
	_, ok := keyOf(r)
	return ok
}
