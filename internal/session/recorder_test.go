package session_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/session"
)

// statements counts what is sent to the database, but for what opens and closes a transaction.
type statements struct {
	mu   sync.Mutex
	sent []string
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	s.add(q.SQL)
	return ctx
}

func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (s *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	s.add(q.SQL)
}

func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (s *statements) add(sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, strings.TrimSpace(sql))
}

// since runs f and returns the statements it caused: all of them, and those that write.
func (s *statements) since(f func()) (all, writes int) {
	s.mu.Lock()
	before := len(s.sent)
	s.mu.Unlock()
	f()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sql := range s.sent[before:] {
		all++
		for _, verb := range []string{"INSERT", "UPDATE", "DELETE"} {
			if strings.Contains(sql, verb+" ") && !strings.HasPrefix(sql, "SELECT") {
				writes++
				break
			}
		}
	}
	return all, writes
}

// recorder keeps the events that are logged.
type recorder struct {
	mu     sync.Mutex
	events []session.Event
	all    atomic.Int32 // repeated ones, too
}

func (r *recorder) add(_ context.Context, e session.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all.Add(1)
	if !e.Repeated {
		r.events = append(r.events, e)
	}
}

func (r *recorder) count(name string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Name == name {
			n++
		}
	}
	return n
}

func (r *recorder) saw(name string, why session.Reason) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Name == name && e.Reason == why {
			return true
		}
	}
	return false
}

// refused reports whether a tag was refused for this.
func (r *recorder) refused(why session.Refusal) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.events,
		func(e session.Event) bool { return e.Name == session.EventTagRefused && e.Refusal == why })
}

// names returns the log ids of the sessions with an event, in order.
func (r *recorder) names(event string) (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Name == event {
			names = append(names, e.LogID)
		}
	}
	return names
}
