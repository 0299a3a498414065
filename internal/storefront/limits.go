package storefront

import (
	"net/http"
	"strings"
	"time"

	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/session"
)

// Rate is how often one client address may do something. The zero value sets no limit.
type Rate = middleware.Rate

// Rates are the limits per client address. They are generous, because many people may share an
// address; what they stop is a machine (ASVS 2.4.1).
type Rates struct {
	Posts    Rate // every form but the sign-out's
	Search   Rate // GET /products with words to search for, the most costly page
	SignIn   Rate // POST /login
	Callback Rate // GET /auth/callback
	NewCart  Rate // a product added by someone without a cart, which makes a session and a cart
	Guesses  Rate // session cookies with a wrong signature under a key of ours, or sign-outs under another (CS-20)
	Reports  Rate // what browsers report of the content policy
	Logout   Rate // refused logout tokens; a good one is always taken
}

// DefaultTimeout is over what a sign-in takes at a slow provider, and under what a visitor waits
// for.
const DefaultTimeout = 10 * time.Second

func (s *Server) throttle(rate Rate, applies func(*http.Request) bool) func(http.Handler) http.Handler {
	return middleware.Throttle(rate, applies, s.fail)
}

// Which requests a rate counts.

func always(*http.Request) bool { return true }

// isForm reports whether a request is a form that a machine could send too often. The two ways out
// of a session are never throttled.
func isForm(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path != "/logout" && r.URL.Path != backChannelPath
}

// isSearch reports whether a request for products has words to search for.
func isSearch(r *http.Request) bool { return middleware.Parameter(r, "q") != "" }

// isGuess reports whether the session cookie of a request has a wrong signature under a key of
// ours, or asks for a sign-out under a key that we lack, which is answered 503. Others behind the
// same address go on.
func (s *Server) isGuess(r *http.Request) bool {
	why := s.config.Sessions.TagRefusal(r.Context())
	return why == session.ForgedTag || r.URL.Path == "/logout" && why == session.ForeignTag
}

// makesCart reports whether this visitor's first product would make a cart and a session.
func makesCart(r *http.Request) bool { return knownVisit(r).Cart.IsZero() }

// anyHost reports whether an address is answered under every name: probes and the provider come
// from servers, under whatever name they know us by, and the page that says so needs its style
// sheet.
func anyHost(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == backChannelPath || strings.HasPrefix(path, "/static/")
}
