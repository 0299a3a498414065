package session

import (
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// seldomEvery is how often one address is logged.
	seldomEvery = time.Minute
	// seldomMost bounds the addresses remembered; beyond it, all are forgotten.
	seldomMost = 10_000
)

// seldom remembers which addresses were seen in the last minute. The zero value is empty and ready
// to use.
type seldom struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// first reports whether the address was not seen in the minute before now, and remembers it if so.
func (s *seldom) first(address string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.seen[address]; ok && now.Sub(last) < seldomEvery {
		return false
	}
	if s.seen == nil || len(s.seen) >= seldomMost {
		s.seen = make(map[string]time.Time)
	}
	s.seen[address] = now
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
