package middleware

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrHost says that a request that changes something is addressed to another host.
var ErrHost = errors.New("addressed to another host")

// ErrProxyHost is for operators: the server leads to its own name, the proxy asks under another one
// again, and so on.
var ErrProxyHost = errors.New("a trusted proxy does not pass on the Host header that browsers send" +
	" (nginx: proxy_set_header Host $host; Apache: ProxyPreserveHost On)")

// loops is how often one client is led from one address to the server's own name before that counts
// as a loop. A browser goes round in milliseconds.
var loops = Rate{Requests: 5, Per: 10 * time.Second}

// AllowedHost is a middleware that answers only under the name in Base. A page asked for under
// another name is redirected to the same page there; anything else is refused (RFC 9110 15.5.20),
// so that no link is ever built from a name the client chose (ASVS 4.1.3).
type AllowedHost struct {
	Base    *url.URL               // the address as browsers see it
	Exempt  func(path string) bool // answered under any name
	Proxies Proxies
	Fail    Fail
}

// Handler implements the middleware.
func (a AllowedHost) Handler(next http.Handler) http.Handler {
	led := NewCounter(loops)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sameHost(a.Base, r.Host) || a.Exempt(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		if err := a.checkProxyHost(w, r, led); err != nil {
			a.Fail(w, r, err)
			return
		}
		if !IsGetOrHead(r) || !strings.HasPrefix(r.URL.Path, "/") {
			a.Fail(w, r, ErrHost)
			return
		}
		w.Header().Set("Location", a.Base.Scheme+"://"+a.Base.Host+PathAndQuery(r))
		w.WriteHeader(http.StatusSeeOther)
	})
}

// checkProxyHost returns ErrProxyHost if it is a proxy's doing that a request names another host:
// the proxy says so itself, or the same client comes back for the same page again and again.
func (a AllowedHost) checkProxyHost(w http.ResponseWriter, r *http.Request, led *Counter) error {
	if !a.Proxies.include(r) {
		return nil
	}
	again := ClientKey(r) + " " + r.Host + PathAndQuery(r)
	if sameHost(a.Base, r.Header.Get("X-Forwarded-Host")) || IsGetOrHead(r) && led.Exceeded(w, r, again) {
		return fmt.Errorf("%w: it asks for %q, browsers for %q", ErrProxyHost, r.Host, a.Base.Host)
	}
	return nil
}

// sameHost compares a Host header with the base address, in which the scheme's own port may be
// written or left out.
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

// PathAndQuery returns path and query of the request, never a host.
func PathAndQuery(r *http.Request) string {
	path := r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	return path
}
