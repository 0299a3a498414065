package storefront

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// The events that tell of something that went well.
const (
	eventSignedIn       = "authn_login_success"
	eventProviderLogout = "authn_backchannel_logout"
)

// exchange is what the log will say about one request and its answer, gathered on the way.
type exchange struct {
	id        string // names the request in the log and on error pages
	sessionID string // names the session in the log; opens nothing
	event     string // what a security log calls it, if it is such an event
	err       error  // what the answer is an answer to, if something went wrong
	// unavailable is set when provider or store failed and the answer leads to the page that says so.
	unavailable bool
	answer      *response
}

// answered reports whether the header has left already.
func (e *exchange) answered() bool { return e.answer != nil && e.answer.status != 0 }

type exchangeKey struct{}

// exchangeOf returns what is being gathered about the request. It is never nil.
func exchangeOf(ctx context.Context) *exchange {
	e, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		return &exchange{}
	}
	return e
}

// logged gives the request its id and writes one line about it when it has been answered (ASVS 16.1.1).
// The id is always our own: one sent by a client is not believed.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := s.now()
		answer := &response{ResponseWriter: w}
		e := &exchange{id: rand.Text(), answer: answer}
		answer.Header().Set("X-Request-Id", e.id)
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e))
		defer func() { s.logLine(r, e, answer.code(), s.now().Sub(started)) }()
		next.ServeHTTP(answer, r)
	})
}

func (s *Server) logLine(r *http.Request, e *exchange, status int, took time.Duration) {
	pattern := routePattern(r)
	line := []slog.Attr{
		slog.String("method", method(r)), slog.String("route", pattern), slog.Int("status", status),
		slog.Duration("took", took), slog.String("request", e.id), slog.String("client", middleware.GetClientIP(r.Context())),
	}
	if e.sessionID != "" {
		line = append(line, slog.String("session", e.sessionID))
	}
	if e.event != "" {
		line = append(line, slog.String("event", e.event))
	}
	if e.err != nil {
		line = append(line, slog.String("error", e.err.Error()))
	}
	s.log.LogAttrs(r.Context(), level(pattern, status, e), "request", line...)
	if s.observe != nil {
		s.observe(Exchange{Method: method(r), Route: pattern, Status: status, Took: took, Event: e.event})
	}
}

// level is debug for probes that found all well: they come every few seconds and would bury the rest.
func level(pattern string, status int, e *exchange) slog.Level {
	switch {
	case errors.Is(e.err, errSpeculative):
		return slog.LevelInfo
	case status >= 500, e.unavailable:
		return slog.LevelError
	case e.event == eventSignedIn, e.event == eventProviderLogout:
		return slog.LevelInfo
	case e.event != "":
		return slog.LevelWarn
	case status == http.StatusOK && (pattern == "/healthz" || pattern == "/readyz"):
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// routePattern returns the pattern of the route that answered, never the path: paths hold what visitors type.
func routePattern(r *http.Request) string {
	if ctx := chi.RouteContext(r.Context()); ctx != nil && ctx.RoutePattern() != "" {
		return ctx.RoutePattern()
	}
	return "none"
}

// method returns the request's method, or "other" for one that HTTP does not know: the client chooses it.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return r.Method
	}
	return "other"
}

// recovered turns a panic into the 500 page, with the stack in the log. When the answer has begun already,
// the connection is cut instead, so that half a page never passes for a whole one.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			e := exchangeOf(r.Context())
			s.log.ErrorContext(r.Context(), "panic", "request", e.id, "route", routePattern(r), "cause", cause, "stack", string(debug.Stack()))
			if e.answered() {
				panic(http.ErrAbortHandler)
			}
			clearHeader(w.Header())
			s.fail(w, r, errPanic)
		}()
		next.ServeHTTP(w, r)
	})
}

// clearHeader drops what the broken handler had set about its body and its cookies.
func clearHeader(h http.Header) {
	for _, name := range []string{"Set-Cookie", "Content-Type", "Content-Length", "Location", "ETag", "Last-Modified"} {
		h.Del(name)
	}
}

// response notes the status and, at the last moment, sees to it that nothing personal can be stored.
type response struct {
	http.ResponseWriter
	status int
}

func (a *response) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
		if h := a.Header(); status >= 400 || h.Get("Set-Cookie") != "" {
			h.Set("Cache-Control", noStore)
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *response) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *response) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// code returns the status sent; a handler that wrote nothing sends 200.
func (a *response) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Round(time.Second) / time.Second)) }
