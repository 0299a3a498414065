package app

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hookandtag.example/shop/internal/auth"
)

// providerCalls times and traces each call to the provider.
type providerCalls struct {
	next http.RoundTripper
	took *prometheus.HistogramVec
	span *tracing
}

// providerClient is the client for calls to the provider, counted.
func (a *App) providerClient() *http.Client {
	c := auth.NewHTTPClient()
	c.Transport = providerCalls{c.Transport, a.metrics.calls, a.tracing}
	return c
}

// RoundTrip implements http.RoundTripper.
func (p providerCalls) RoundTrip(r *http.Request) (*http.Response, error) {
	began, name, status := time.Now(), providerCall(r), 0
	ended := p.span.call(r.Context(), name)
	response, err := p.next.RoundTrip(r)
	if err == nil {
		status = response.StatusCode
	}
	ended(status)
	result := "ok"
	switch {
	case errors.Is(err, context.Canceled):
		result = visitorLeft
	case status == 0 || status >= http.StatusInternalServerError:
		result = "error"
	}
	p.took.WithLabelValues(name, result).Observe(time.Since(began).Seconds())
	return response, err
}

// providerCall names what is asked of the provider. The shop calls it for four things only.
func providerCall(r *http.Request) string {
	switch {
	case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		return "discovery"
	case r.Method == http.MethodPost:
		return "token"
	case r.Header.Get("Authorization") != "":
		return "userinfo"
	default:
		return "keys"
	}
}
