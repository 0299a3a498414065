package app

import (
	"context"
	"net/http"
	"testing"

	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/postgres"
)

func TestTracingThatIsOffCostsNothing(t *testing.T) {
	var off *tracing
	ctx := context.Background()
	if next := http.NotFoundHandler(); off.handler(next) == nil {
		t.Error("got no handler")
	}
	if n := testing.AllocsPerRun(100, func() {
		off.request(ctx, middleware.RequestRecord{})
		off.statement(ctx, postgres.Statement{})
		off.call(ctx, "token")(200)
	}); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

// A shop that sends its spans nowhere, or somewhere else, must not start as if all were well.
func TestTracingRefusesWhatIsNoAddress(t *testing.T) {
	for _, endpoint := range []string{"localhost:4318", "collector", "%zz", "ftp://collector", "http://", "http://:4318",
		"//collector:4318"} {
		if _, err := newTracing(t.Context(), endpoint, ""); err == nil {
			t.Errorf("%q: got no error", endpoint)
		}
	}
	for _, endpoint := range []string{"", "http://localhost:4318", "https://collector.example/"} {
		traces, err := newTracing(t.Context(), endpoint, "")
		if err != nil {
			t.Errorf("%q: got %v", endpoint, err)
		}
		if err := traces.close(); err != nil {
			t.Errorf("%q: close: %v", endpoint, err)
		}
	}
}
