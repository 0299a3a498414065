package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// An alert watches "unavailable": what the customer or the provider decided must not be in it.
func TestEachEndOfASignInIsCountedAsWhatItWas(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		nil: "proved", auth.ErrCancelled: "cancelled", auth.ErrNotAdmitted: "not admitted", auth.ErrExpired: "expired",
		auth.ErrNoAttempt: "no attempt", auth.ErrUnavailable: "unavailable", errors.New("anything else"): "unavailable",
		&auth.RefusedError{Check: "nonce"}: "refused nonce", auth.RepeatedError{}: "repeated",
		fmt.Errorf("%w: %w", auth.ErrUnavailable, context.Canceled): "left",
	} {
		wrapped := err
		if err != nil {
			wrapped = fmt.Errorf("finish: %w", err)
		}
		if got := resultOf(wrapped); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

// An alert watches "error" and "unavailable": a customer who left is neither.
func TestAnOrderWhoseCustomerLeftIsCountedAsThat(t *testing.T) {
	t.Parallel()
	if got := orderResult(fmt.Errorf("place order: %w", context.Canceled)); got != "left" {
		t.Errorf("got %q, want left", got)
	}
}

func TestWhatAVisitorGaveUpIsNoErrorOfTheDatabaseOrTheProvider(t *testing.T) {
	t.Parallel()
	m := newMetrics("")
	m.statement(postgres.Statement{SQL: "SELECT 1", Err: fmt.Errorf("read: %w", context.Canceled)})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (providerCalls{http.DefaultTransport, m.calls, nil}).RoundTrip(r); err == nil {
		t.Fatal("a call was made for a visitor who had left")
	}
	counted, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]string{}
	for _, family := range counted {
		for _, one := range family.GetMetric() {
			for _, label := range one.GetLabel() {
				if label.GetName() == "result" && one.GetHistogram().GetSampleCount() > 0 {
					results[family.GetName()] = label.GetValue()
				}
			}
		}
	}
	want := map[string]string{"shop_database_statement_seconds": "left", "shop_provider_call_seconds": "left"}
	if !maps.Equal(results, want) {
		t.Errorf("got %v, want %v", results, want)
	}
}

// The alerts compare browsers, and one browser sends a refused tag with every request.
func TestATagRefusedAgainIsNotCountedAgain(t *testing.T) {
	t.Parallel()
	a := &App{metrics: newMetrics("")}
	for _, repeated := range []bool{false, true, true} {
		refused := session.Event{Name: session.EventTagRefused, Refusal: session.UnknownTag, Repeated: repeated}
		a.countSession(t.Context(), refused)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(a.metrics.refused)
	counted, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var refusals float64
	for _, m := range counted[0].GetMetric() {
		refusals += m.GetCounter().GetValue()
	}
	if refusals != 1 {
		t.Errorf("refusals: got %v, want 1", refusals)
	}
}
