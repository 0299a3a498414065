package app

import (
	"context"
	"time"

	"hookandtag.example/shop/internal/storefront"
)

// Storefront are the limits as the pages take them.
func (r Rates) Storefront() storefront.Rates { return r.storefront() }

// Traces reports whether spans are made.
func (a *App) Traces() bool { return a.tracing != nil }

// SweepOnce sweeps until the limit.
func (a *App) SweepOnce(ctx context.Context, limit time.Duration) { a.sweepOnce(ctx, limit) }
