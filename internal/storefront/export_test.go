package storefront

import (
	"net/http"

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

// ParseNotices reads the value of the notices' cookie and returns each notice as it would be
// written.
func ParseNotices(value string) (notices []string) {
	for _, n := range parseNotices(value) {
		notices = append(notices, n.String())
	}
	return notices
}

// KeptPages returns how many whole pages are kept.
func (s *Server) KeptPages() int {
	s.kept.mu.RLock()
	defer s.kept.mu.RUnlock()
	return len(s.kept.pages)
}
