package middleware

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
)

// RequestInfo is what the log will say about one request and its answer. Handlers add to it on the
// way.
type RequestInfo struct {
	ID          string // names the request in the log and on error pages
	SessionID   string // names the session in the log; opens nothing
	Event       string // the application's name of it, if it is a security event
	Err         error  // the error behind the answer, or nil
	Unavailable bool   // something the server needs was away, though the answer is a redirect
	answer      *response
}

// Answered reports whether the header has left already.
func (i *RequestInfo) Answered() bool { return i.answer != nil && i.answer.status != 0 }

type infoKey struct{}

// Info returns what is being gathered about the request. It is never nil.
func Info(ctx context.Context) *RequestInfo {
	i, ok := ctx.Value(infoKey{}).(*RequestInfo)
	if !ok {
		return &RequestInfo{}
	}
	return i
}

// RequestRecord is one request and its answer, for counters. Route is a pattern and Method a known
// word: neither is a visitor's text.
type RequestRecord struct {
	Method, Route string
	Status        int
	Took          time.Duration
	Event         string // as in the log; mostly empty
}

// RequestLogger writes one line about each request (ASVS 16.1.1). All fields but Observe are
// required.
type RequestLogger struct {
	Log     *slog.Logger
	Now     func() time.Time
	Level   func(r RequestRecord, i *RequestInfo) slog.Level
	Observe func(context.Context, RequestRecord) // is called with every answer; may be nil
}

// Handler gives each request its id and logs it when it has been answered. The id is always our
// own: one sent by a client is not believed.
func (l RequestLogger) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := l.Now()
		answer := &response{ResponseWriter: w}
		i := &RequestInfo{ID: rand.Text(), answer: answer}
		answer.Header().Set("X-Request-Id", i.ID)
		r = r.WithContext(context.WithValue(r.Context(), infoKey{}, i))
		defer func() { l.log(r, i, l.Now().Sub(started)) }()
		next.ServeHTTP(answer, r)
	})
}

func (l RequestLogger) log(r *http.Request, i *RequestInfo, took time.Duration) {
	record := RequestRecord{Method: method(r), Route: Route(r), Status: i.answer.code(), Took: took, Event: i.Event}
	line := []slog.Attr{
		slog.String("method", record.Method), slog.String("route", record.Route), slog.Int("status", record.Status),
		slog.Duration("took", took), slog.String("request", i.ID),
		slog.String("client", chimiddleware.GetClientIP(r.Context())),
	}
	if i.SessionID != "" {
		line = append(line, slog.String("session", i.SessionID))
	}
	if i.Event != "" {
		line = append(line, slog.String("event", i.Event))
	}
	if i.Err != nil {
		line = append(line, slog.String("error", i.Err.Error()))
	}
	l.Log.LogAttrs(r.Context(), l.Level(record, i), "request", line...)
	if l.Observe != nil {
		l.Observe(r.Context(), record)
	}
}

// Route returns the pattern of the route that answers, never the path: paths hold what visitors
// type.
func Route(r *http.Request) string {
	if ctx := chi.RouteContext(r.Context()); ctx != nil && ctx.RoutePattern() != "" {
		return ctx.RoutePattern()
	}
	return "none"
}

// method returns the request's method, or "other" for one that HTTP does not know: the client
// chooses it.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return r.Method
	}
	return "other"
}
