package app

import (
	"errors"
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/session"
)

// An alert watches "unavailable": what the customer or the provider decided must not be in it.
func TestEachEndOfASignInIsCountedAsWhatItWas(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		nil: "proved", auth.ErrCancelled: "cancelled", auth.ErrNotAdmitted: "not admitted", auth.ErrExpired: "expired",
		auth.ErrNoAttempt: "no attempt", auth.ErrUnavailable: "unavailable", errors.New("anything else"): "unavailable",
		&auth.Refused{Check: "nonce"}: "refused nonce", auth.ErrRepeated{}: "repeated",
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

// The alerts compare browsers, and one browser sends a refused tag with every request.
func TestATagRefusedAgainIsNotCountedAgain(t *testing.T) {
	t.Parallel()
	a := &App{metrics: newMetrics("")}
	for _, repeated := range []bool{false, true, true} {
		a.countSession(t.Context(), session.Event{Name: session.EventTagRefused, Reason: "unknown", Repeated: repeated})
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
