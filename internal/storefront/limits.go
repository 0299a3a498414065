package storefront

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"
)

// Rate is how often one address may do something. The zero value sets no limit.
type Rate struct {
	Requests int
	Per      time.Duration
}

// Rates are the limits per client address. They are generous, because many people may share an address; what they stop is
// a machine (ASVS 2.4.1).
type Rates struct {
	Posts    Rate // every form but the sign-out's
	Search   Rate // GET /products with words to search for, the most costly page
	SignIn   Rate // POST /login
	Callback Rate // GET /auth/callback
	NewCart  Rate // a product added by someone without a cart, which makes a session and a cart
	Guesses  Rate // requests with a tag that none of our keys signed or no session is known by; whoever has a good one is not counted (CS-20)
	Reports  Rate // what browsers report of the content policy
	Logout   Rate // refused logout tokens; a good one is always taken
}

// DefaultRates are what a shop that sets none has.
var DefaultRates = Rates{
	Posts:    Rate{Requests: 600, Per: time.Minute},
	Search:   Rate{Requests: 240, Per: time.Minute},
	SignIn:   Rate{Requests: 60, Per: time.Minute},
	Callback: Rate{Requests: 60, Per: time.Minute},
	NewCart:  Rate{Requests: 120, Per: time.Minute},
	Guesses:  Rate{Requests: 60, Per: time.Minute},
	Reports:  Rate{Requests: 30, Per: time.Minute},
	Logout:   Rate{Requests: 300, Per: time.Minute},
}

// DefaultPatience is over what a sign-in takes at a slow provider, and under what a visitor waits for.
const DefaultPatience = 10 * time.Second

// bounded ends what a request waits for, so that a database that has gone silent is told of as one that is away, and the connections to it are
// given up instead of being waited for by everyone (ASVS 13.2.6, 16.5.2).
func (s *Server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.patience)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// limited answers 429 with Retry-After to what comes more often than rate allows and for which applies.
func (s *Server) limited(rate Rate, applies func(*http.Request) bool) func(http.Handler) http.Handler {
	if rate.Requests <= 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	refuse := s.handle(func(http.ResponseWriter, *http.Request) error { return errTooMany })
	limit := httprate.LimitBy(rate.Requests, rate.Per, clientKey, httprate.WithLimitHandler(refuse),
		httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}))
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

// guessing slows an address that tries tags. Others behind the same address, whose tags are good or who have none, go on.
func (s *Server) guessing(rate Rate) func(http.Handler) http.Handler {
	refused := func(r *http.Request) bool { return s.sessions.TagRefused(r.Context()) }
	return s.limited(rate, refused)
}

func clientKey(r *http.Request) (string, error) {
	return httprate.CanonicalizeIP(middleware.GetClientIP(r.Context())), nil
}

// isSearch reports whether a request for products has words to search for.
func isSearch(r *http.Request) bool { return r.URL.Query().Get("q") != "" }

func always(*http.Request) bool { return true }

// isForm reports whether a request is a form that a machine could send too often. The two ways out of a session are never slowed.
func isForm(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path != "/logout" && r.URL.Path != backChannelPath
}

// refusals counts what has been refused, address by address; nil sets no limit.
func refusals(rate Rate) *httprate.RateLimiter {
	if rate.Requests <= 0 {
		return nil
	}
	return httprate.NewRateLimiter(rate.Requests, rate.Per, httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}))
}
