package middleware

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// ErrPanic reports a panic of a handler; the cause is in the log.
var ErrPanic = errors.New("panic")

// Recoverer turns a panic into fail's answer to ErrPanic, and logs cause and stack. When the answer
// has begun already, it cuts the connection instead, so that half a page never passes for a whole
// one.
func Recoverer(log *slog.Logger, fail Fail) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				cause := recover()
				if cause == nil {
					return
				}
				if cause == http.ErrAbortHandler {
					panic(cause)
				}
				i := Info(r.Context())
				log.ErrorContext(r.Context(), "panic", "request", i.ID, "route", Route(r), "cause", cause,
					"stack", string(debug.Stack()))
				if i.Answered() {
					panic(http.ErrAbortHandler)
				}
				ClearHeader(w.Header())
				fail(w, r, ErrPanic)
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// ClearHeader drops what a handler that failed had set about its body and its cookies.
func ClearHeader(h http.Header) {
	for _, name := range []string{"Set-Cookie", "Content-Type", "Content-Length", "Location", "ETag", "Last-Modified"} {
		h.Del(name)
	}
}
