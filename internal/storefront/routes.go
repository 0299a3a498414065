package storefront

import (
	"time"

	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"

	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/storefront/page"
)

// How many requests are answered at once. Pages and sign-ins have separate limits, because a slow
// provider must not block pages. Beside each, 256 requests wait for a place, at most 900 ms.
const (
	mostPages   = 128
	mostSignIns = 128
	mostWaiting = 256
	admitWait   = 900 * time.Millisecond
)

// routes is every address of the shop and what stands before it, in the order it runs.
func (s *Server) routes() *chi.Mux {
	sameSiteOnly, parseForm := middleware.SameSiteOnly(s.fail), middleware.ParseForm(parametersOf, s.fail)
	s.admit = middleware.Admit(mostPages, mostWaiting, admitWait, s.fail)
	r := chi.NewRouter()
	r.Use(
		middleware.RealIP(s.config.TrustedProxies),
		s.requestLogger().Handler,
		middleware.Recoverer(s.config.Log, s.fail),
		s.headers().Handler,
		middleware.AllowedHost{Base: s.base, Exempt: anyHost, Proxies: s.config.TrustedProxies, Fail: s.fail}.Handler,
		middleware.CrossOrigin(s.origin(), s.fail),
		middleware.CanonicalPath(s.origin()),
		s.throttle(s.config.Rates.Posts, isForm),
		chimiddleware.GetHead,
		s.cachePages,
		middleware.Timeout(s.config.Timeout), // a kept page waits for nothing
		s.compress,
	)
	r.NotFound(s.notFound)
	r.MethodNotAllowed(s.methodNotAllowed)

	s.withoutSession(r)
	s.signInRoutes(r)
	s.lessonRoutes(r)
	r.Group(func(r chi.Router) {
		r.Use(s.admit, sameSiteOnly, s.withSession, parseForm, s.keepFormOfEndedSession, s.csrfToken,
			s.dropPostedForm)
		s.openRoutes(r)
		s.cartRoutes(r)
		r.Group(func(r chi.Router) {
			r.Use(s.requireSignIn)
			s.customerRoutes(r)
		})
	})
	return r
}

// withoutSession are the routes that neither read nor extend a session.
func (s *Server) withoutSession(r chi.Router) {
	r.Get("/healthz", s.handle(s.healthy))
	r.Get("/readyz", s.handle(s.serving))
	r.Get("/robots.txt", s.handle(s.robots))
	r.Get("/sitemap.xml", s.handle(s.sitemap))
	r.Get("/favicon.ico", s.handle(s.static))
	r.Get("/favicon.svg", s.handle(s.static))
	r.Get("/apple-touch-icon.png", s.handle(s.static))
	r.Get("/static/*", s.handle(s.static))
	r.Get("/pictures/{slug:[a-z0-9-]+}.svg", s.handle(s.showPicture))
	r.Post(backChannelPath, s.handle(s.endByProvider))
	r.With(s.throttle(s.config.Rates.Reports, always)).Post(reportPath, s.handle(s.takeReport))
}

// signInRoutes begin, confirm and end sessions, so each has its own rule for forms.
func (s *Server) signInRoutes(r chi.Router) {
	toProvider := middleware.Admit(mostSignIns, mostWaiting, admitWait, s.fail)
	session := chi.Chain(middleware.SameSiteOnly(s.fail), s.withSession, middleware.ParseForm(parametersOf, s.fail))
	r.With(s.admit).With(session...).Get("/login", s.visit(s.showLogin))
	r.With(s.throttle(s.config.Rates.SignIn, always), toProvider).With(session...).Post("/login", s.visit(s.beginSignIn))
	callback := chi.Chain(middleware.TopLevelOnly(s.fail), s.throttle(s.config.Rates.Callback, always), toProvider,
		middleware.OriginOnly,
		s.withSession)
	r.With(callback...).Get("/auth/callback", s.visit(s.finishSignIn))
	r.With(s.admit).With(session...).With(s.csrfToken).Post("/logout", s.visit(s.signOut))
	r.With(s.admit).With(session...).Get("/signed-out", s.visit(s.showSignedOut))
	r.With(s.admit).With(session...).Get(stayPath, s.visit(s.showTimeLeft))
	r.With(s.admit).With(session...).With(s.csrfToken).Post(stayPath, s.visit(s.stay))
}

// openRoutes are for everyone.
func (s *Server) openRoutes(r chi.Router) {
	r.Get("/", s.visit(s.showHome))
	r.With(s.throttle(s.config.Rates.Search, isSearch)).Get("/products", s.visit(s.listProducts))
	r.Get("/products/{slug}", s.visit(s.showProduct))
	r.Get("/cookies", s.visit(s.showCookies))
	for _, topic := range page.Topics() {
		r.Get("/"+string(topic), s.visit(s.showInformation(topic)))
	}
}

func (s *Server) cartRoutes(r chi.Router) {
	r.Get("/cart", s.visit(s.showCart))
	r.With(s.throttle(s.config.Rates.NewCart, makesCart)).Post("/cart/lines", s.visit(s.addCartLine))
	r.Post("/cart/lines/{sku}", s.visit(s.setCartLine))
	r.Post("/cart/lines/{sku}/save", s.visit(s.saveCartLine))
	r.Post("/cart/saved/{sku}/restore", s.visit(s.restoreCartLine))
	r.Post("/cart/saved/{sku}/remove", s.visit(s.discardCartLine))
	r.Post("/cart/set-aside", s.visit(s.setAside))
	r.Post("/cart/undo", s.visit(s.undoCart))
	r.Post("/cart/forget", s.visit(s.forgetCart))
}

// customerRoutes require a signed-in customer.
func (s *Server) customerRoutes(r chi.Router) {
	r.Get("/account", s.visit(s.showAccount))
	r.Get("/account/devices", s.visit(s.listDevices))
	r.With(s.requireReauthentication).Post("/account/devices/{handle}/end", s.visit(s.endDevice))
	r.With(s.requireReauthentication).Post("/account/devices/end-others", s.visit(s.endOtherDevices))
	r.Get(resumePath, s.visit(s.resume))
	r.Get(checkoutPath, s.visit(s.continueCheckout))
	r.Get("/checkout/address", s.visit(s.showAddress))
	r.Post("/checkout/address", s.visit(s.saveAddress))
	r.Get("/checkout/delivery", s.visit(s.showDelivery))
	r.Post("/checkout/delivery", s.visit(s.saveDelivery))
	r.Get("/checkout/review", s.visit(s.showReview))
	r.Get("/orders", s.visit(s.listOrders))
	r.Post("/orders", s.visit(s.placeOrder))
	r.Get("/orders/{number}", s.visit(s.showOrder))
	r.Post("/orders/{number}/cancel", s.visit(s.cancelOrder))
	r.Post("/orders/{number}/again", s.visit(s.orderAgain))
}
