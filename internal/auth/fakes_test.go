package auth_test

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// memory is a store of used attempts.
type memory struct {
	mu   sync.Mutex
	used map[[32]byte]time.Duration
	err  error
}

// UseAttempt implements auth.UsedAttempts.
func (m *memory) UseAttempt(_ context.Context, hash [32]byte, expires time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return false, m.err
	}
	if _, again := m.used[hash]; again {
		return false, nil
	}
	if m.used == nil {
		m.used = map[[32]byte]time.Duration{}
	}
	m.used[hash] = expires
	return true, nil
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.used)
}

// clock stands still until it is moved.
type clock struct {
	now atomic.Pointer[time.Time]
}

func newClock() *clock {
	c, now := &clock{}, time.Now().Truncate(time.Second)
	c.now.Store(&now)
	return c
}

func (c *clock) Now() time.Time {
	return *c.now.Load()
}

func (c *clock) move(by time.Duration) {
	now := c.Now().Add(by)
	c.now.Store(&now)
}

// hurried gives up on one endpoint after a moment, because what hangs there is not worth waiting
// for.
type hurried struct {
	next http.RoundTripper
	at   *atomic.Value
}

// RoundTrip implements http.RoundTripper.
func (h hurried) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.at.Load() != r.URL.Path {
		return h.next.RoundTrip(r)
	}
	ctx, cancel := context.WithTimeout(r.Context(), 500*time.Millisecond)
	defer cancel()
	return h.next.RoundTrip(r.WithContext(ctx))
}

type locked struct {
	mu sync.Mutex
	*bytes.Buffer
}

// Write implements io.Writer.
func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(b)
}
