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
