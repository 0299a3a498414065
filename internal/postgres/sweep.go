package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	// sweepBatch rows are looked at in one transaction at most, and sweepLeast at least.
	sweepBatch = 1000
	sweepLeast = 20
	// sweepTook is how long a batch should take: a page that waits for it must not notice.
	sweepTook = 50 * time.Millisecond
	// sweepRest is how many times as long as a batch took the sweeper pauses after it, so that pages
	// have the database for most of the time, and for longer the more it has to do.
	sweepRest = 3
	// sweepStatement is how long a statement of a sweep may take: a sweep then goes on with smaller
	// batches, or logs what is slow.
	sweepStatement = 5 * time.Second
	// sweepLock is the advisory lock of the one worker at a time.
	sweepLock = 0x68616e67
)

// sweeps are the steps of a sweep, in the order of the locks: sessions, carts, the rest. Each looks
// at most at $1 rows that are due, by an index, and takes each away or moves it on, so that
// none is looked at twice. It answers how many rows it looked at, how many it took away, and what
// the log calls the sessions it made tombstones of, with the reasons.
var sweeps = []struct {
	count func(*Swept) *int64
	sql   string
}{
	{func(w *Swept) *int64 { return &w.Sessions }, `
WITH due AS (
    SELECT o.id, CASE WHEN o.ended <= statement_timestamp() - interval '24 hours' THEN 'delete'
                      WHEN o.ended IS NOT NULL OR live(o) OR ` + cartWaits + ` THEN 'later' ELSE 'expire' END AS what
    FROM sessions o WHERE o.sweep_after <= statement_timestamp() ORDER BY o.sweep_after LIMIT $1 FOR UPDATE SKIP LOCKED
), deleted AS (
    DELETE FROM sessions WHERE id IN (SELECT id FROM due WHERE what = 'delete') RETURNING id
), ended AS (` + fmt.Sprintf(expired, `s.id IN (SELECT id FROM due WHERE what = 'expire')`) + ` RETURNING s.log_id, s.ended_reason
), later AS (
    UPDATE sessions o SET sweep_after = greatest(statement_timestamp() + interval '1 minute',
        CASE WHEN o.ended IS NOT NULL THEN o.ended + interval '24 hours' WHEN ` + cartWaits + ` THEN o.last_used + o.idle ELSE session_end(o) END)
    WHERE o.id IN (SELECT id FROM due WHERE what = 'later')
)
SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM deleted),
    (SELECT coalesce(array_agg(log_id), '{}') FROM ended), (SELECT coalesce(array_agg(ended_reason), '{}')
        FROM ended)`},
	{func(w *Swept) *int64 { return &w.Carts }, `
WITH due AS (
    SELECT k.id, k.changed, (SELECT max(s.last_used + s.idle) FROM sessions s WHERE s.cart_id = k.id
        AND s.ended IS NULL) AS held
    FROM carts k WHERE k.customer_id IS NULL AND k.sweep_after <= statement_timestamp()
    ORDER BY k.sweep_after LIMIT $1 FOR UPDATE OF k SKIP LOCKED
), deleted AS (
    DELETE FROM carts WHERE id IN (SELECT id FROM due WHERE held IS NULL
        AND changed < statement_timestamp() - interval '24 hours') RETURNING id
), later AS (
    UPDATE carts k SET sweep_after = greatest(d.held, d.changed + interval '24 hours',
        statement_timestamp() + interval '1 hour')
    FROM due d WHERE k.id = d.id AND (d.held IS NOT NULL OR d.changed >= statement_timestamp() - interval '24 hours')
)
SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM deleted), '{}'::text[], '{}'::text[]`},
	{func(w *Swept) *int64 { return &w.Spent }, fmt.Sprintf(deleteSpent, "used_attempts")},
	{func(w *Swept) *int64 { return &w.Spent }, fmt.Sprintf(deleteSpent, "used_logout_tokens")},
	{func(w *Swept) *int64 { return &w.Spent }, fmt.Sprintf(deleteSpent, "logout_marks")},
}

// cartWaits: an anonymous session past its absolute limit alone is still needed, for its cart goes
// on under a new tag.
const cartWaits = `(o.cart_id IS NOT NULL AND o.customer_id IS NULL AND statement_timestamp() < o.last_used + o.idle)`

const deleteSpent = `
WITH gone AS (
    DELETE FROM %[1]s WHERE ctid IN (SELECT ctid FROM %[1]s WHERE expires <= statement_timestamp() LIMIT $1) RETURNING 1
)
SELECT count(*), count(*), '{}'::text[], '{}'::text[] FROM gone`

// Sweep makes tombstones of sessions past their limits and takes away what has served its
// time, in batches that are small enough for no page to notice, with pauses. A step that fails does
// not keep the later ones from their work; its error is returned at the end. That ctx's deadline
// ends a sweep is no error, as the next one goes on. It is safe to run on every replica: one works
// at a time, and the others return immediately with Busy set. It calls expired for each session
// that it made a tombstone of; a log has to name it (ASVS 16.3.1).
func (s *Store) Sweep(ctx context.Context, expired func(logID string, why session.Reason)) (Swept, error) {
	var w Swept
	var failed []error
	for _, step := range sweeps {
		busy, err := s.sweepStep(ctx, step.sql, func(b batch) {
			*step.count(&w) += b.gone
			w.Expired += int64(len(b.logIDs))
			for i, id := range b.logIDs {
				expired(id, b.reasons[i])
			}
		})
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			failed = append(failed, err)
		}
		if w.Busy = busy; busy || ctx.Err() != nil {
			break
		}
	}
	return w, errors.Join(failed...)
}

// batch is what one batch of a step did.
type batch struct {
	looked, gone int64
	logIDs       []string         // of the sessions that expired
	reasons      []session.Reason // of their ends, in the same order
}

// sweepStep repeats one step until there is nothing left to do.
func (s *Store) sweepStep(ctx context.Context, sql string, count func(batch)) (busy bool, err error) {
	for size := int64(sweepLeast); ctx.Err() == nil; {
		began := time.Now()
		done, busy, err := s.sweepOnce(ctx, sql, size)
		took := time.Since(began)
		switch {
		case timedOut(err) && size > sweepLeast:
		case err != nil || busy:
			return busy, err
		default:
			count(done)
			if done.looked < size {
				return false, nil
			}
		}
		size = nextBatch(size, took)
		s.pause(ctx, sweepRest*took)
	}
	return false, nil
}

// nextBatch grows or shrinks a batch towards one that takes sweepTook, at most to twice its size.
func nextBatch(size int64, took time.Duration) int64 {
	size = min(2*size, size*int64(sweepTook)/max(int64(took), 1))
	return min(max(size, sweepLeast), sweepBatch)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// timedOut reports whether the database gave a statement up because of statement_timeout.
func timedOut(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "57014"
}

func (s *Store) sweepOnce(ctx context.Context, sql string, size int64) (done batch, busy bool, err error) {
	err = s.choreWithin(ctx, min(s.choreTimeout, sweepStatement), func(tx *transaction) error {
		var free bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, sweepLock).Scan(&free); err != nil {
			return err
		}
		if busy = !free; busy {
			return nil
		}
		return tx.QueryRow(ctx, sql, size).Scan(&done.looked, &done.gone, &done.logIDs, &done.reasons)
	})
	if err != nil {
		return batch{}, false, fmt.Errorf("sweep: %w", err)
	}
	return done, busy, nil
}
