package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// choreTimeout is how long one statement of a chore may take: longer than a page may wait, and not
// for ever.
const choreTimeout = time.Minute

// inTx runs f in a transaction. It runs f once more, in a new transaction, when PostgreSQL broke
// the first one off for a deadlock or a serialization failure, or when the connection broke before
// the commit was sent, so f starts afresh each time.
func (s *Store) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	var failed error
	again := func(err error) bool { return brokenOff(err) || undone(err) || failed != nil && lost(err) }
	return repeatOnce(ctx, again, func() error {
		return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			failed = f(tx)
			return failed
		})
	})
}

// batch sends what fill queues as one transaction in one round trip, and once more when PostgreSQL
// broke it off as in inTx, or none of it was sent.
func (s *Store) batch(ctx context.Context, fill func(*pgx.Batch)) error {
	again := func(err error) bool { return brokenOff(err) || undone(err) }
	return repeatOnce(ctx, again, func() error {
		b := &pgx.Batch{}
		fill(b)
		return s.pool.SendBatch(ctx, b).Close()
	})
}

// chore is inTx for work that no page waits for: its statements may take choreTimeout instead of
// the two seconds that the shop's own have.
func (s *Store) chore(ctx context.Context, f func(pgx.Tx) error) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, allowChore, fmt.Sprint(s.choreTimeout.Milliseconds())); err != nil {
			return fmt.Errorf("allow a chore its time: %w", err)
		}
		return f(tx)
	})
}

const allowChore = `SELECT set_config('statement_timeout', $1, true)`

// brokenOff reports whether PostgreSQL rolled a transaction back that succeeds when it is repeated.
func brokenOff(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40P01" || e.Code == "40001") // deadlock_detected, serialization_failure
}
