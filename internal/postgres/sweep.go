package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hookandtag.example/shop/internal/session"
)

// Swept counts what one sweep took away.
type Swept struct {
	Expired  int64 // sessions past a limit, made tombstones
	Sessions int64 // tombstones older than 24 hours
	Carts    int64 // anonymous carts without a session, or merged long ago
	Spent    int64 // attempts, logout tokens and logout marks past their time
	Busy     bool  // another worker was at it
}

const (
	// sweepBatch rows are changed in one transaction at most, so that nobody waits long for a lock.
	sweepBatch = 1000
	// sweepLeast is how far a batch that takes too long is halved: below that it is not the number of rows that takes the time.
	sweepLeast = 20
	// sweepLock is the advisory lock of the one worker at a time.
	sweepLock = 0x68616e67
)

// sweeps are the steps of a sweep, in the order of the locks: sessions, carts, the rest. Each changes at most $1 rows.
var sweeps = []struct {
	count func(*Swept) *int64
	sql   string
}{
	{func(w *Swept) *int64 { return &w.Expired }, fmt.Sprintf(expired,
		`s.id IN (SELECT o.id FROM sessions o WHERE o.sweep_after <= statement_timestamp() AND o.ended IS NULL AND NOT live(o)
		          AND NOT (o.cart_id IS NOT NULL AND statement_timestamp() < o.last_used + o.idle) LIMIT $1 FOR UPDATE SKIP LOCKED)`) + returningEnd},
	{func(w *Swept) *int64 { return &w.Sessions }, `
		DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE sweep_after <= statement_timestamp()
		AND ended <= statement_timestamp() - interval '24 hours' LIMIT $1 FOR UPDATE SKIP LOCKED)`},
	{func(w *Swept) *int64 { return &w.Carts }, `
		DELETE FROM carts WHERE id IN (SELECT k.id FROM carts k WHERE k.customer_id IS NULL AND k.changed < statement_timestamp() - interval '24 hours'
		AND NOT EXISTS (SELECT FROM sessions s WHERE s.cart_id = k.id AND s.ended IS NULL) LIMIT $1 FOR UPDATE SKIP LOCKED)`},
	{func(w *Swept) *int64 { return &w.Spent }, `
		DELETE FROM used_attempts WHERE state_hash IN (SELECT state_hash FROM used_attempts WHERE expires <= statement_timestamp() LIMIT $1)`},
	{func(w *Swept) *int64 { return &w.Spent }, `
		DELETE FROM used_logout_tokens WHERE ctid IN (SELECT ctid FROM used_logout_tokens WHERE expires <= statement_timestamp() LIMIT $1)`},
	{func(w *Swept) *int64 { return &w.Spent }, `
		DELETE FROM logout_marks WHERE id IN (SELECT id FROM logout_marks WHERE expires <= statement_timestamp() LIMIT $1)`},
}

// returningEnd makes an UPDATE of sessions s tell which ones ended, and why.
const returningEnd = `
RETURNING s.log_id, s.ended_reason`

// End is a session that the sweeper found past a limit.
type End struct {
	LogID  string
	Reason session.Reason
}

// Sweep is SweepTelling without anyone to tell.
func (s *Store) Sweep(ctx context.Context) (Swept, error) { return s.SweepTelling(ctx, func(End) {}) }

// SweepTelling makes tombstones of sessions past their limits and takes away what has served its time, in batches of a thousand, or less where those take too
// long. A step that fails does not keep the later ones from their work; its error is told at the end. It is safe to run on every replica: one works at a time,
// and the others return at once with Busy set. Tell hears of each session that it made a tombstone of.
func (s *Store) SweepTelling(ctx context.Context, tell func(End)) (Swept, error) {
	var w Swept
	var failed []error
	for _, step := range sweeps {
		busy, err := s.sweepStep(ctx, step.sql, step.count(&w), tell)
		failed = append(failed, err)
		if w.Busy = busy; busy || ctx.Err() != nil {
			break
		}
	}
	return w, errors.Join(failed...)
}

// sweepStep repeats one step until there is nothing left to do, counting the rows.
func (s *Store) sweepStep(ctx context.Context, sql string, count *int64, tell func(End)) (busy bool, err error) {
	for batch := int64(sweepBatch); ; {
		n, busy, err := s.sweepOnce(ctx, sql, batch, tell)
		switch {
		case timedOut(err) && batch >= 2*sweepLeast:
			batch /= 2
		case err != nil || busy:
			return busy, err
		default:
			if *count += n; n < batch {
				return false, nil
			}
		}
	}
}

// timedOut reports whether the database gave a statement up because of statement_timeout.
func timedOut(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "57014"
}

func (s *Store) sweepOnce(ctx context.Context, sql string, batch int64, tell func(End)) (n int64, busy bool, err error) {
	var ends []End
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var free bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, sweepLock).Scan(&free); err != nil {
			return err
		}
		if busy = !free; busy {
			return nil
		}
		rows, err := tx.Query(ctx, sql, batch)
		if err != nil {
			return err
		}
		ends, err = pgx.CollectRows(rows, pgx.RowToStructByPos[End])
		n = rows.CommandTag().RowsAffected()
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("sweep: %w", err)
	}
	for _, e := range ends {
		tell(e)
	}
	return n, busy, nil
}
