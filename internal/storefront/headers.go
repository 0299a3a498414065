package storefront

import (
	"net/http"
	"strings"

	"hookandtag.example/shop/internal/middleware"
)

// reportPath takes what browsers report about the content policy (ASVS 3.4.7).
const reportPath = "/csp-reports"

const (
	noStore = "no-store"
	// revalidate is for pages that hold nothing personal: kept by this browser only, and asked about again each time.
	revalidate = "private, no-cache"
	hsts       = "max-age=63072000; includeSubDomains"
)

// headers sets what every answer carries, whatever its status (ASVS 3.4.1 to 3.4.6, 3.4.8, 3.5.8). Nothing may be stored
// (ASVS 14.3.2) unless a handler says otherwise.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if s.base.Scheme == "https" { // RFC 6797 7.2
			h.Set("Strict-Transport-Security", hsts)
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", s.contentPolicy())
		h.Set("Reporting-Endpoints", `csp="`+s.origin()+reportPath+`"`)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", noStore)
		next.ServeHTTP(w, r)
	})
}

// contentPolicy names the provider's origin in form-action: browsers apply it to the redirect after a form too, and
// signing in and out are forms that lead there. It is asked for each time, because it may become known late.
func (s *Server) contentPolicy() string {
	policy := []string{
		"default-src 'none'", "style-src 'self'", "img-src 'self'", "script-src 'self'", "connect-src 'self'",
		"base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'",
	}
	policy = append(policy, strings.TrimSpace("form-action 'self' "+s.provider.Origin()), "report-uri "+reportPath, "report-to csp")
	return strings.Join(policy, "; ")
}

// storable lets this browser keep a page that holds nothing personal.
func storable(w http.ResponseWriter) { w.Header().Set("Cache-Control", revalidate) }

// takeReport is not behind the session: a report must not extend one.
func (s *Server) takeReport(w http.ResponseWriter, r *http.Request) error {
	return middleware.LogReport(w, r, s.log)
}
