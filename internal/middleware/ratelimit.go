package middleware

import (
	"errors"
	"net/http"
	"time"

	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"
)

// ErrTooMany says that a client address did something more often than its Rate allows.
var ErrTooMany = errors.New("too many requests from one address")

// Rate is how often one client address may do something. The zero value sets no limit.
type Rate struct {
	Requests int
	Per      time.Duration
}

var retryAfter = httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"})

// Throttle answers ErrTooMany, with Retry-After, to requests for which applies that come more often
// than rate allows.
func Throttle(rate Rate, applies func(*http.Request) bool, fail Fail) func(http.Handler) http.Handler {
	if rate.Requests <= 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	key := func(r *http.Request) (string, error) { return ClientKey(r), nil }
	refuse := func(w http.ResponseWriter, r *http.Request) { fail(w, r, ErrTooMany) }
	limit := httprate.LimitBy(rate.Requests, rate.Per, key, httprate.WithLimitHandler(refuse), retryAfter)
	return func(next http.Handler) http.Handler {
		counted := limit(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if applies(r) {
				counted.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Counter counts what a handler finds worth counting. A nil Counter sets no limit. It is safe for
// concurrent use.
type Counter struct{ limiter *httprate.RateLimiter }

// NewCounter returns a Counter with that limit, nil if rate sets none.
func NewCounter(rate Rate) *Counter {
	if rate.Requests <= 0 {
		return nil
	}
	return &Counter{httprate.NewRateLimiter(rate.Requests, rate.Per, retryAfter)}
}

// Exceeded counts one more for the key, and reports whether that is more than the rate allows. It
// then sets Retry-After.
func (c *Counter) Exceeded(w http.ResponseWriter, r *http.Request, key string) bool {
	return c != nil && c.limiter.OnLimit(w, r, key)
}

// ClientKey returns the client's address as rates count it: of IPv6 the /64 network.
func ClientKey(r *http.Request) string {
	return httprate.CanonicalizeIP(chimiddleware.GetClientIP(r.Context()))
}
