package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// choreTimeout is how long one statement of a chore may take: longer than a page may wait, and not
// for ever.
const choreTimeout = time.Minute

// inTx runs f in a transaction. It runs f once more, in a new transaction, when PostgreSQL broke
// the first one off for a deadlock or a serialization failure, or when the connection broke before
// the commit was sent, so f starts afresh each time.
func (s *Store) inTx(ctx context.Context, f func(*transaction) error) error {
	var tx *transaction
	again := func(err error) bool {
		return brokenOff(err) || undone(err) || tx != nil && !tx.ended && lost(err)
	}
	return repeatOnce(ctx, again, func() error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release() // closes the connection if its transaction has not ended
		tx = &transaction{conn: conn}
		if err := f(tx); err != nil {
			tx.rollback(ctx)
			return err
		}
		return tx.commit(ctx)
	})
}

// transaction is one transaction on one connection. BEGIN is sent with what comes first, and COMMIT
// with the batch that is said to be the last, so that neither is a round trip.
type transaction struct {
	conn         *pgxpool.Conn
	begun, ended bool // BEGIN, COMMIT was sent
}

// send runs a batch in one round trip.
func (t *transaction) send(ctx context.Context, b *pgx.Batch) error {
	if !t.begun {
		t.begun = true
		queued := b.QueuedQueries
		b = &pgx.Batch{}
		b.Queue("BEGIN")
		b.QueuedQueries = append(b.QueuedQueries, queued...)
	}
	return t.conn.SendBatch(ctx, b).Close()
}

// sendLast runs a batch and commits, in one round trip. Nothing may be sent afterwards, and no
// callback of the batch may refuse anything: its error would come after the commit.
func (t *transaction) sendLast(ctx context.Context, b *pgx.Batch) error {
	b.Queue("COMMIT").Exec(committed)
	t.ended = true
	return t.send(ctx, b)
}

// committed reports a COMMIT that rolled back, because an error before it was passed over.
func committed(tag pgconn.CommandTag) error {
	if tag.String() != "COMMIT" {
		return pgx.ErrTxCommitRollback
	}
	return nil
}

func (t *transaction) commit(ctx context.Context) error {
	if !t.begun || t.ended {
		return nil
	}
	t.ended = true
	tag, err := t.conn.Exec(ctx, "COMMIT")
	if err != nil {
		return err
	}
	return committed(tag)
}

// rollback ends the transaction. The pool closes a connection on which that fails.
func (t *transaction) rollback(ctx context.Context) {
	if t.conn.Conn().PgConn().TxStatus() != 'I' {
		_, _ = t.conn.Exec(ctx, "ROLLBACK")
	}
}

// Exec runs a statement.
func (t *transaction) Exec(ctx context.Context, sql string, args ...any) (tag pgconn.CommandTag, err error) {
	b := &pgx.Batch{}
	b.Queue(sql, args...).Exec(func(done pgconn.CommandTag) error {
		tag = done
		return nil
	})
	err = t.send(ctx, b)
	return tag, err
}

// QueryRow is pgx.Tx.QueryRow.
func (t *transaction) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return rowFunc(func(into ...any) error {
		b := &pgx.Batch{}
		b.Queue(sql, args...).QueryRow(func(row pgx.Row) error { return row.Scan(into...) })
		return t.send(ctx, b)
	})
}

// Query is pgx.Tx.Query. It cannot come first.
func (t *transaction) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if !t.begun {
		return nil, errors.New("a transaction begins with Exec, QueryRow or a batch")
	}
	return t.conn.Query(ctx, sql, args...)
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
func (s *Store) chore(ctx context.Context, f func(*transaction) error) error {
	return s.choreWithin(ctx, s.choreTimeout, f)
}

// choreWithin is chore with another limit of a statement.
func (s *Store) choreWithin(ctx context.Context, limit time.Duration, f func(*transaction) error) error {
	return s.inTx(ctx, func(tx *transaction) error {
		if _, err := tx.Exec(ctx, allowChore, fmt.Sprint(limit.Milliseconds())); err != nil {
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
