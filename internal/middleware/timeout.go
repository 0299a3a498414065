package middleware

import (
	"context"
	"net/http"
	"time"
)

// Timeout ends what a request waits for after limit, so that a database that has gone silent is
// answered as one that is away, and its connections are given up (ASVS 13.2.6, 16.5.2). The handler
// sees context.DeadlineExceeded.
func Timeout(limit time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}
