package app

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
)

// watch counts a database statement.
func (a *App) watch(ctx context.Context, s postgres.Statement) {
	a.metrics.statement(s)
	a.tracing.statement(ctx, s)
	for _, other := range s.Others {
		a.tracing.statement(other, s)
	}
	if a.options.Watch != nil {
		a.options.Watch(s)
	}
}

// countRequest counts an answer. A sign-in is counted where it comes back, a provider's logout by
// its route, so only refusals are left of the events.
func (a *App) countRequest(ctx context.Context, e middleware.RequestRecord) {
	a.metrics.request(e.Method, e.Route, e.Status, e.Took)
	a.tracing.request(ctx, e)
	switch e.Event {
	case "", storefront.EventSignedIn, storefront.EventSignInFailed:
	case storefront.EventProviderLogout:
		a.metrics.logouts.Inc()
	default:
		a.metrics.refused.WithLabelValues(e.Event).Inc()
	}
}

func (a *App) countSession(_ context.Context, e session.Event) {
	switch e.Name {
	case session.EventCreated:
		a.metrics.begun.Inc()
	case session.EventEnded, session.EventExpired:
		a.metrics.ended.WithLabelValues(string(e.Reason)).Inc()
	case session.EventTagRefused:
		if !e.Repeated { // the alerts compare browsers, not requests
			a.metrics.refused.WithLabelValues("tag " + string(e.Refusal)).Inc()
		}
	}
}

// countedProvider counts how sign-ins come back from the provider.
type countedProvider struct {
	*auth.Provider
	results *prometheus.CounterVec
	took    prometheus.Histogram
}

// Finish implements storefront.Provider.
func (p countedProvider) Finish(ctx context.Context, w http.ResponseWriter, r *http.Request) (auth.Authentication,
	error) {
	began := time.Now()
	authn, err := p.Provider.Finish(ctx, w, r)
	p.took.Observe(time.Since(began).Seconds())
	p.results.WithLabelValues(resultOf(err)).Inc()
	return authn, err
}

// visitorLeft is the result of what a visitor gave up. No alert watches it.
const visitorLeft = "left"

func resultOf(err error) string {
	var repeated auth.RepeatedError
	var refused *auth.RefusedError
	switch {
	case err == nil:
		return "proved"
	case errors.Is(err, context.Canceled):
		return visitorLeft
	case errors.Is(err, auth.ErrCancelled):
		return "cancelled"
	case errors.Is(err, auth.ErrNoAttempt):
		return "no attempt"
	case errors.Is(err, auth.ErrNotAdmitted):
		return "not admitted"
	case errors.Is(err, auth.ErrExpired):
		return "expired"
	case errors.As(err, &repeated):
		return "repeated"
	case errors.As(err, &refused):
		return "refused " + string(refused.Check)
	default:
		return "unavailable"
	}
}

// gauges are read when the metrics are asked for.
func (a *App) gauges(shop *storefront.Server) {
	pool, m := a.store.Pool(), a.metrics
	m.gauge("shop_database_connections_in_use", "Database connections that a request holds.",
		func() float64 { return float64(pool.Stat().AcquiredConns()) })
	m.gauge("shop_database_connections_open", "Database connections, used or not.",
		func() float64 { return float64(pool.Stat().TotalConns()) })
	m.gauge("shop_database_connections_max", "The most database connections that requests open.",
		func() float64 { return float64(pool.Stat().MaxConns()) })
	m.total("shop_database_waits_total", "How often a request had to wait for a connection.",
		func() float64 { return float64(pool.Stat().EmptyAcquireCount()) })
	m.total("shop_database_wait_seconds_total", "How long requests waited for a connection.",
		func() float64 { return pool.Stat().EmptyAcquireWaitTime().Seconds() })
	m.total("shop_kept_page_hits_total", "Visits without a cookie that a kept page answered.",
		func() float64 { hits, _ := shop.PageCache(); return float64(hits) })
	m.total("shop_kept_page_misses_total", "Visits without a cookie whose page had to be made.",
		func() float64 { _, misses := shop.PageCache(); return float64(misses) })
	m.gauge("shop_provider_known", "1 once the provider's discovery document has been read.", func() float64 {
		if a.provider.Ready() {
			return 1
		}
		return 0
	})
}
