package session

import (
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// recentTime is how long a key is remembered.
	recentTime = time.Minute
	// recentMax bounds the keys remembered; beyond it, all are forgotten.
	recentMax = 10_000
)

// recent remembers which keys were seen in the last minute. The zero value is empty and ready to
// use.
type recent struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// first reports whether the key was not seen in the minute before now, and remembers it if so.
func (r *recent) first(key string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.seen[key]) < recentTime {
		return false
	}
	if r.seen == nil || len(r.seen) >= recentMax {
		r.seen = make(map[string]time.Time)
	}
	r.seen[key] = now
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
