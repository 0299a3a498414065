package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
	"hookandtag.example/shop/internal/storefront/page"
	"hookandtag.example/shop/web"
)

// build makes the shop's handler of its parts.
func (a *App) build() (http.Handler, error) {
	keys, err := a.settings.Sessions.Ring()
	if err != nil {
		return nil, fmt.Errorf("SESSION_KEYS: %w", err)
	}
	if a.provider, err = a.buildProvider(keys); err != nil {
		return nil, err
	}
	var shop *storefront.Server
	sessions, err := session.New(session.Config{
		Store: countedSessions{a.sessionStore(), a.metrics.merges}, Devices: a.store, Logouts: a.store, Keys: keys,
		Limits:   a.limits(),
		Insecure: a.settings.Listen.InsecureHTTP == On, Log: a.log, Observe: a.observeSession, Client: middleware.ClientKey,
		Unavailable: func(w http.ResponseWriter, r *http.Request, err error) { shop.Unavailable(w, r, err) },
	})
	if err != nil {
		return nil, err
	}
	a.sessions = sessions
	if err := a.buildLessons(keys); err != nil {
		return nil, err
	}
	if shop, err = a.buildStorefront(keys, sessions); err != nil {
		return nil, err
	}
	a.gauges(shop)
	if a.lessons != nil {
		return a.lessons.Watch(shop), nil
	}
	return shop, nil
}

func (a *App) buildProvider(keys *keyring.Ring) (*auth.Provider, error) {
	p, insecure := a.settings.Provider, a.settings.Listen.InsecureHTTP == On
	key, err := p.key()
	if err != nil {
		return nil, err
	}
	return auth.New(auth.Config{
		Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret.Reveal(), ClientKey: key,
		BaseURL: a.settings.Listen.BaseURL,
		MaxAge:  p.MaxAge, AttemptLifetime: p.AttemptLifetime, Keys: keys, Used: a.store,
		InsecureProvider: insecure, InsecureCookies: insecure,
		Algorithms: fields(p.SigningAlgs), TrustedAudiences: fields(p.TrustedAudiences), LogoutLife: p.LogoutTokenLife,
		LocalSignOut: p.LocalSignOut == On, PromptCreate: p.PromptCreate == On,
		LooseLogoutType: p.LooseLogoutType == On, HTTP: a.providerClient(), Log: a.log, Now: a.options.Now,
	})
}

func (a *App) buildStorefront(keys *keyring.Ring, sessions *session.Manager) (*storefront.Server, error) {
	pages, err := webPages()
	if err != nil {
		return nil, err
	}
	proxies, err := a.settings.Listen.Proxies()
	if err != nil {
		return nil, err
	}
	total, err := a.settings.Provider.stepUpTotal()
	if err != nil {
		return nil, err
	}
	rates := a.settings.Rates.storefront()
	if a.options.Rates != nil {
		rates = *a.options.Rates
	}
	config := storefront.Config{
		BaseURL: a.settings.Listen.BaseURL, Insecure: a.settings.Listen.InsecureHTTP == On,
		Catalog: a.catalog, Carts: a.store, Orders: countedOrders{a.store, a.metrics.orders}, Sessions: sessions,
		Provider: countedProvider{a.provider, a.metrics.signIns, a.metrics.provider},
		Keys:     keys, Pages: pages.renderer, Assets: pages.assets,
		Limits: a.limits(), AttemptLifetime: a.settings.Provider.AttemptLifetime,
		AttemptCookiePrefix: a.provider.CookiePrefix(),
		Reauthentication:    storefront.Reauthentication{Age: a.settings.Provider.StepUpAge, Total: total},
		Rates:               rates, TrustedProxies: proxies,
		Ready:  map[string]func(context.Context) error{"database": a.readiness, "shop": a.checkNotDraining},
		Outage: postgres.Outage, Observe: a.countRequest, Log: a.log,
	}
	if a.lessons != nil {
		config.Lessons = a.lessons
	}
	return storefront.New(config)
}

// pages are the templates and the static files, which are part of the program.
type pages struct {
	renderer *page.Renderer
	assets   *page.Assets
}

// webPages parses them once, however many shops run in the process.
var webPages = sync.OnceValues(func() (p pages, err error) {
	if p.assets, err = page.NewAssets(web.Static()); err != nil {
		return pages{}, err
	}
	p.renderer, err = page.New(web.Templates(), p.assets)
	return p, err
})

func (a *App) limits() session.Limits {
	s := a.settings.Sessions
	return session.Limits{Idle: s.Idle, Absolute: s.Absolute, AnonymousIdle: s.AnonymousIdle,
		AnonymousAbsolute: s.AnonymousAbsolute, PerOwner: s.MaxPerCustomer}
}

var errDraining = errors.New("the shop is draining")

// checkNotDraining is the part of readiness that fails first, so that a load balancer sends no new
// visitors to a draining shop.
func (a *App) checkNotDraining(context.Context) error {
	if a.draining.Load() {
		return errDraining
	}
	return nil
}
