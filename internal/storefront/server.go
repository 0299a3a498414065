// Package storefront is the shop as browsers see it: every route, handler, form and error page.
//
// A handler returns an error unless its own page says what went wrong; errors.go says what a
// visitor gets for which error. Middleware stands in routes.go in the order it runs.
package storefront

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront/page"
)

// Catalog is the catalogue in memory.
type Catalog interface {
	// Current returns the catalogue that Snapshot would, without waiting; nil when that must be read.
	Current() *catalog.Snapshot
	// Snapshot returns the catalogue, at most a second old.
	Snapshot(ctx context.Context) (*catalog.Snapshot, error)
	// AsOf returns a catalogue at least as new as the one a statement has just seen.
	AsOf(ctx context.Context, seen catalog.Version) (*catalog.Snapshot, error)
	// Newest returns the current catalogue, for a page that shows why something was just refused.
	Newest(ctx context.Context) (*catalog.Snapshot, error)
}

// Carts keeps carts. Every change is atomic and refuses with the core's errors.
type Carts interface {
	Cart(ctx context.Context, o cart.Owner) (cart.Cart, error)
	AddLine(ctx context.Context, o cart.Owner, sku string, quantity int) (cartID int64, pieces int, err error)
	AddToLine(ctx context.Context, o cart.Owner, sku string, quantity int) (cartID int64, pieces int, err error)
	AddFirstLine(ctx context.Context, n session.NewRecord, sku string, quantity int) (cartID int64, pieces int, err error)
	SetLine(ctx context.Context, o cart.Owner, sku string, quantity int) error
	SaveLine(ctx context.Context, o cart.Owner, sku string) error
	RestoreLine(ctx context.Context, o cart.Owner, sku string) error
	DiscardLine(ctx context.Context, o cart.Owner, sku string) error
	UndoCart(ctx context.Context, o cart.Owner) error
	ForgetCart(ctx context.Context, o cart.Owner) error
}

// Orders keeps checkouts and orders.
type Orders interface {
	Checkout(ctx context.Context, customerID int64) (order.Checkout, error)
	SaveAddress(ctx context.Context, customerID int64, d order.Details) error
	SaveDelivery(ctx context.Context, customerID int64, d order.Delivery) error
	PlaceOrder(ctx context.Context, p order.Placing) (order.Order, error)
	Orders(ctx context.Context, customerID int64) ([]order.Order, error)
	Order(ctx context.Context, customerID int64, number string) (order.Order, error)
	CancelOrder(ctx context.Context, customerID int64, number string) error
}

// Provider proves who a visitor is.
type Provider interface {
	Begin(ctx context.Context, w http.ResponseWriter, r *http.Request, b auth.Begin) (authorizeURL string, err error)
	CreatesAccounts() bool // whether Begin may ask with the prompt "create"
	Finish(ctx context.Context, w http.ResponseWriter, r *http.Request) (auth.Authentication, error)
	Drop(w http.ResponseWriter, r *http.Request) // forgets the browser's open sign-ins
	EndSession(ctx context.Context, idToken, state string) (url string, ok bool)
	VerifyLogout(ctx context.Context, raw string) (auth.Logout, error)
}

// Config configures a Server. BaseURL and the fields from Catalog to Assets are required.
type Config struct {
	BaseURL  string // the shop's address as browsers see it, without a path
	Insecure bool   // plain http: our cookies lack Secure and the __Host- prefix

	Catalog  Catalog
	Carts    Carts
	Orders   Orders
	Sessions *session.Manager
	Provider Provider
	Keys     *keyring.Ring
	Pages    *page.Renderer
	Assets   *page.Assets

	Lessons Lessons // the tutorial; nil: it is off and has no address

	Limits              session.Limits   // shown on pages
	AttemptLifetime     time.Duration    // shown on pages
	AttemptCookiePrefix string           // shown on pages: how the names of the sign-in's cookies begin
	Reauthentication    Reauthentication // when a reauthentication is needed
	Rates               Rates            // the zero value limits nothing
	Timeout             time.Duration    // how long one request may wait for others, all in all; 0: DefaultTimeout
	TrustedProxies      []netip.Prefix   // who may say for whom they speak; may be empty

	Ready   map[string]func(context.Context) error          // what /readyz asks, by name
	Outage  func(error) bool                                // whether an error means an outage of the store; nil: none
	Observe func(context.Context, middleware.RequestRecord) // is called with every answer; may be nil
	Log     *slog.Logger                                    // nil: no log
	Now     func() time.Time                                // nil: time.Now
}

// Server is the shop's http.Handler. It is safe for concurrent use.
type Server struct {
	config Config // complete
	base   *url.URL
	cache  pageCache

	router          *chi.Mux
	compress        func(http.Handler) http.Handler
	admit           func(http.Handler) http.Handler // bounds how many pages are made at once
	throttleGuesses func(http.Handler) http.Handler // those who guess tags
	refusals        *middleware.Counter             // of logout tokens
	busy            busyPage
	lastResort      []byte // the 500 page, for when no template works any more
}

// New makes a Server. It contacts nothing.
func New(c Config) (*Server, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("storefront: base address %q is not http(s)://host", c.BaseURL)
	}
	if c.Catalog == nil || c.Carts == nil || c.Orders == nil || c.Sessions == nil || c.Provider == nil || c.Keys == nil ||
		c.Pages == nil || c.Assets == nil {
		return nil, fmt.Errorf("storefront: stores, sessions, provider, keys and pages are needed")
	}
	c.complete()
	s := &Server{config: c, base: base, refusals: middleware.NewCounter(c.Rates.Logout)}
	if s.lastResort, err = s.renderLastResort(); err != nil {
		return nil, fmt.Errorf("storefront: %w", err)
	}
	if s.busy, err = s.renderBusy(); err != nil {
		return nil, fmt.Errorf("storefront: %w", err)
	}
	if s.compress, err = middleware.Compress(); err != nil {
		return nil, fmt.Errorf("storefront: %w", err)
	}
	s.throttleGuesses = s.throttle(c.Rates.Guesses, s.isGuess)
	s.router = s.routes()
	return s, nil
}

// complete fills in the defaults.
func (c *Config) complete() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Outage == nil {
		c.Outage = func(error) bool { return false }
	}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }
