package middleware

import (
	"maps"
	"net/http"
)

const hsts = "max-age=63072000; includeSubDomains"

// Headers is a middleware that sets what every answer carries, whatever its status (ASVS 3.4.1 to
// 3.4.6, 3.4.8, 3.5.8). Nothing may be stored (ASVS 14.3.2) unless a handler says otherwise.
type Headers struct {
	HTTPS   bool   // browsers come by https
	Policy  string // the content policy; its report-to names "csp"
	Reports string // the absolute address that takes reports of "csp"
}

// Handler implements the middleware.
func (c Headers) Handler(next http.Handler) http.Handler {
	every := http.Header{
		"X-Content-Type-Options":       {"nosniff"},
		"Content-Security-Policy":      {c.Policy},
		"Reporting-Endpoints":          {`csp="` + c.Reports + `"`},
		"Referrer-Policy":              {"same-origin"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Cache-Control":                {"no-store"},
	}
	if c.HTTPS { // RFC 6797 7.2
		every.Set("Strict-Transport-Security", hsts)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), every) // Set and Add leave the shared values as they are
		next.ServeHTTP(w, r)
	})
}

// OriginOnly keeps a page's address, which may hold a code, from every other page (RFC 9700 4.2.4,
// ASVS 3.4.5). With no-referrer a form on an error page there would send "Origin: null" and be
// refused (Fetch Standard 3.2.4).
func OriginOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "strict-origin")
		next.ServeHTTP(w, r)
	})
}
