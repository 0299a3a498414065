package storefront

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	chimiddleware "github.com/go-chi/chi/v5/middleware"

	"hookandtag.example/shop/internal/middleware"
)

// proxies are the networks whose X-Forwarded-For is believed.
type proxies []netip.Prefix

// include reports whether the request comes straight from one of them.
func (p proxies) include(r *http.Request) bool {
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

// addressed finds the client's address: the peer's own, unless the peer is a proxy we trust to say for whom it speaks
// (ASVS 15.3.4). Only X-Forwarded-For is read, and from anyone else it is ignored.
func addressed(trusted proxies) func(http.Handler) http.Handler {
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

// withoutPorts makes plain addresses of those that some gateways write with the client's port, as 192.0.2.1:4711 or [2001:db8::1]:4711.
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

// errProxyHost is what operators have to mend: the shop leads to its own name, the proxy asks under another one again, and so on without end.
var errProxyHost = errors.New("a trusted proxy does not pass on the Host header that browsers send (nginx: proxy_set_header Host $host; Apache: ProxyPreserveHost On)")

// loops is how often one client is led from one address to the shop's own name before that counts as a loop. A browser goes round in milliseconds.
var loops = Rate{Requests: 5, Per: 10 * time.Second}

// hostLost reports whether it is a proxy's doing that a request names another host: the proxy says so itself, or the same client comes back for the same again and again.
func (s *Server) hostLost(w http.ResponseWriter, r *http.Request) error {
	if !s.proxies.include(r) {
		return nil
	}
	client, _ := clientKey(r)
	if sameHost(s.base, r.Header.Get("X-Forwarded-Host")) || middleware.IsRead(r) && s.loops.OnLimit(w, r, client+" "+r.Host+requestPath(r)) {
		return fmt.Errorf("%w: it asks for %q, browsers for %q", errProxyHost, r.Host, s.base.Host)
	}
	return nil
}
