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
	// revalidate is for pages that hold nothing personal: kept by this browser only, and asked about
	// again each time.
	revalidate = "private, no-cache"
)

// contentPolicy keeps every form on this origin: the sign-in and the sign-out leave it by a page of
// their own (leadToProvider).
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; " +
	"report-uri " + reportPath + "; report-to csp"

// headers asks for https only where the host is the shop's own: at localhost the promise would hold
// for every other port of this machine, too (RFC 6797 8.3).
func (s *Server) headers() middleware.Headers {
	local := s.base.Hostname() == "localhost" || strings.HasSuffix(s.base.Hostname(), ".localhost")
	return middleware.Headers{HTTPS: s.base.Scheme == "https" && !local, Policy: contentPolicy,
		Reports: s.origin() + reportPath}
}

// storable lets this browser keep a page that holds nothing personal.
func storable(w http.ResponseWriter) { w.Header().Set("Cache-Control", revalidate) }

// takeReport is not behind the session: a report must not extend one.
func (s *Server) takeReport(w http.ResponseWriter, r *http.Request) error {
	return middleware.LogReport(w, r, s.config.Log)
}

// origin returns the shop's own origin, without a slash at the end.
func (s *Server) origin() string { return s.base.Scheme + "://" + s.base.Host }

// redirect answers 303: whatever was sent, the next request is a GET (RFC 9700 4.12). It has no
// body.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
