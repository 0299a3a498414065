package storefront

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"hookandtag.example/shop/internal/middleware"
)

// backChannelPath is where the provider tells of logouts. It comes from a server, under whatever name that server knows us by.
const backChannelPath = "/auth/backchannel-logout"

// hosted answers only under the shop's own name. A page asked for under another name is redirected to the same page there;
// anything else is refused (RFC 9110 15.5.20), so that no link is ever built from a name the client chose (ASVS 4.1.3).
func (s *Server) hosted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sameHost(s.base, r.Host) || hostExempt(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		err := s.hostLost(w, r)
		switch {
		case err != nil:
			s.fail(w, r, err)
		case middleware.IsRead(r) && strings.HasPrefix(r.URL.Path, "/"):
			redirect(w, s.origin()+requestPath(r))
		default:
			s.fail(w, r, errOtherHost)
		}
	})
}

func hostExempt(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == backChannelPath || strings.HasPrefix(path, "/static/")
}

// sameHost compares a Host header with the base address, in which the scheme's own port may be written or left out.
func sameHost(base *url.URL, host string) bool {
	return strings.EqualFold(withPort(base.Scheme, base.Host), withPort(base.Scheme, host))
}

func withPort(scheme, host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	if scheme == "https" {
		return host + ":443"
	}
	return host + ":80"
}

// origin returns the shop's own origin, without a slash at the end.
func (s *Server) origin() string { return s.base.Scheme + "://" + s.base.Host }

// requestPath returns path and query of the request, never a host.
func requestPath(r *http.Request) string {
	path := r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	return path
}

// redirect answers 303: whatever was sent, the next request is a GET (RFC 9700 4.12). It has no body.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
