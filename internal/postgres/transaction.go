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
// the first one off for a deadlock or a serialization failure, so f starts afresh each time.
func (s *Store) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return repeatOnce(func() error { return pgx.BeginFunc(ctx, s.pool, f) })
}

// batch sends what fill queues as one transaction in one round trip, and once more as inTx does.
func (s *Store) batch(ctx context.Context, fill func(*pgx.Batch)) error {
	return repeatOnce(func() error {
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

func repeatOnce(f func() error) error {
	err := f()
	if brokenOff(err) {
		return f()
	}
	return err
}

// brokenOff reports whether PostgreSQL rolled a transaction back that succeeds when it is repeated.
func brokenOff(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40P01" || e.Code == "40001") // deadlock_detected, serialization_failure
}
