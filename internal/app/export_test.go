package app

import (
	"context"
	"time"
)

// Traces reports whether spans are made.
func (a *App) Traces() bool { return a.tracing != nil }

// SweepOnce sweeps until the limit.
func (a *App) SweepOnce(ctx context.Context, limit time.Duration) { a.sweepOnce(ctx, limit) }
