package app

import (
	"context"
	"math/rand/v2"
	"time"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

const (
	sweepEvery = time.Minute
	// sweepLimit is how long one sweep may take; the next one continues.
	sweepLimit = 30 * time.Second
)

// sweep sweeps once a minute, a random part of it later, so that replicas started together do not
// always meet.
func (a *App) sweep(ctx context.Context) {
	every := a.options.Sweep
	if every <= 0 {
		every = sweepEvery
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every + rand.N(every/4+1)):
			a.sweepOnce(ctx, sweepLimit)
		}
	}
}

func (a *App) sweepOnce(ctx context.Context, limit time.Duration) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	swept, err := a.store.Sweep(limited, func(logID string, why session.Reason) { a.sessions.LogExpired(ctx, logID, why) })
	a.countSwept(swept)
	if err != nil && ctx.Err() == nil {
		a.log.ErrorContext(ctx, "sweep", "error", err)
	}
}

func (a *App) countSwept(swept postgres.Swept) {
	for kind, n := range map[string]int64{"session expired": swept.Expired, "session": swept.Sessions, "cart": swept.Carts,
		"attempt or logout": swept.Spent} {
		a.metrics.swept.WithLabelValues(kind).Add(float64(n))
	}
}
