package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hookandtag.example/shop/internal/postgres"
)

const (
	// databaseTimeout is how long a starting shop waits for its database.
	databaseTimeout = 10 * time.Second
	// readinessTimeout is how long the database has to answer /readyz.
	readinessTimeout = 2 * time.Second
)

// awaitDatabase waits until the database is ready. It logs each reason why not as it first sees it,
// and returns the last one when time is up.
func (a *App) awaitDatabase(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	retry := time.NewTicker(250 * time.Millisecond)
	defer retry.Stop()
	var reason error
	for {
		err := a.store.Ready(ctx)
		if err == nil || errors.Is(err, postgres.ErrNotMigrated) || errors.Is(err, postgres.ErrEncoding) {
			return err
		}
		if ctx.Err() == nil || reason == nil { // an attempt cut short by the deadline has no reason to report
			err = postgres.Explain(err)
			if reason == nil || reason.Error() != err.Error() {
				a.log.WarnContext(ctx, "waiting for the database", "error", err)
			}
			reason = err
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return fmt.Errorf("the database (DATABASE_URL) is not ready: %w", reason)
		case <-retry.C:
		}
	}
}

// readiness shares one question to the database among concurrent probes.
func (a *App) readiness(ctx context.Context) error {
	answer := a.asking.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readinessTimeout)
		defer cancel()
		return nil, a.store.Ready(ctx)
	})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case answered := <-answer:
		return answered.Err
	}
}

// warnUnlimited warns when the server does not limit the time of the shop's statements.
func (a *App) warnUnlimited(ctx context.Context) {
	if unlimited, err := a.store.Unlimited(ctx); err == nil && unlimited {
		a.log.WarnContext(ctx, "the database lets a statement run for as long as it takes; behind a connection pooler the "+
			"shop's own limit does not reach it. "+
			"Set one for the shop's role: ALTER ROLE shop SET statement_timeout = '2s'; and lock_timeout and "+
			"idle_in_transaction_session_timeout with it")
	}
}
