package session

import (
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// recentTime is how often one address is logged.
	recentTime = time.Minute
	// recentMax bounds the addresses remembered; beyond it, all are forgotten.
	recentMax = 10_000
)

// recent remembers which addresses were seen in the last minute. The zero value is empty and ready
// to use.
type recent struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// first reports whether the address was not seen in the minute before now, and remembers it if so.
func (r *recent) first(address string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.seen[address]; ok && now.Sub(last) < recentTime {
		return false
	}
	if r.seen == nil || len(r.seen) >= recentMax {
		r.seen = make(map[string]time.Time)
	}
	r.seen[address] = now
	return true
}

// client returns the address a request comes from.
func (m *Manager) client(r *http.Request) string {
	if m.config.Client != nil {
		return m.config.Client(r)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
