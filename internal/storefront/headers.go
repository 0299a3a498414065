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
	// revalidate is for pages that hold nothing personal: kept by this browser only, and asked about again each
	// time.
	revalidate = "private, no-cache"
)

func (s *Server) headers() middleware.Headers {
	return middleware.Headers{HTTPS: s.base.Scheme == "https", Policy: s.contentPolicy, Reports: s.origin() + reportPath}
}

// contentPolicy names the provider's origin in form-action: browsers apply it to the redirect after a form too, and
// signing in and out are forms that lead there. It is asked for each time, because it may become known late.
func (s *Server) contentPolicy() string {
	policy := []string{
		"default-src 'none'", "style-src 'self'", "img-src 'self'", "script-src 'self'", "connect-src 'self'",
		"base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'",
	}
	policy = append(policy, strings.TrimSpace("form-action 'self' "+s.provider.Origin()),
		"report-uri "+reportPath, "report-to csp")
	return strings.Join(policy, "; ")
}

// storable lets this browser keep a page that holds nothing personal.
func storable(w http.ResponseWriter) { w.Header().Set("Cache-Control", revalidate) }

// takeReport is not behind the session: a report must not extend one.
func (s *Server) takeReport(w http.ResponseWriter, r *http.Request) error {
	return middleware.LogReport(w, r, s.log)
}

// origin returns the shop's own origin, without a slash at the end.
func (s *Server) origin() string { return s.base.Scheme + "://" + s.base.Host }

// redirect answers 303: whatever was sent, the next request is a GET (RFC 9700 4.12). It has no body.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
