package middleware

import (
	"net/http"
	"net/netip"
	"strings"

	chimiddleware "github.com/go-chi/chi/v5/middleware"
)

// Proxies are the networks whose X-Forwarded-For is believed; nil: none.
type Proxies []netip.Prefix

// include reports whether the request comes straight from one of them.
func (p Proxies) include(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, network := range p {
		if network.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// RealIP finds the client's address: the peer's own, unless the peer is a proxy trusted to say for
// whom it speaks (ASVS 15.3.4). Only X-Forwarded-For is read, and from anyone else it is ignored.
func RealIP(trusted Proxies) func(http.Handler) http.Handler {
	if len(trusted) == 0 {
		return chimiddleware.ClientIPFromRemoteAddr
	}
	networks := make([]string, len(trusted))
	for i, p := range trusted {
		networks[i] = p.String()
	}
	find := chimiddleware.ClientIPFromXFF(networks...)
	return func(next http.Handler) http.Handler {
		found := find(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			withoutPorts(r.Header["X-Forwarded-For"])
			found.ServeHTTP(w, r)
		})
	}
}

// withoutPorts makes plain addresses of those that some gateways write with the client's port, as
// 192.0.2.1:4711 or [2001:db8::1]:4711.
func withoutPorts(headers []string) {
	for i, header := range headers {
		hops := strings.Split(header, ",")
		for j, hop := range hops {
			hop = strings.TrimSpace(hop)
			if a, err := netip.ParseAddrPort(hop); err == nil {
				hop = a.Addr().String()
			}
			hops[j] = strings.Trim(hop, "[]")
		}
		headers[i] = strings.Join(hops, ", ")
	}
}
