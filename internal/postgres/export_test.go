package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/session"
)

// MergeCarts is what a sign-in does with the carts.
func MergeCarts(ctx context.Context, s *Store, guest, customer int64, from cart.From) (merged cart.Merged,
	err error) {
	if guest == 0 {
		return cart.Merged{}, nil
	}
	err = s.inTx(ctx, func(tx *transaction) error {
		var carts bothCarts
		b := &pgx.Batch{}
		carts.queueLock(b, guest, customer)
		if err := tx.send(ctx, b); err != nil {
			return err
		}
		b = &pgx.Batch{}
		merged = carts.queueMerge(b, from)
		return tx.sendLast(ctx, b)
	})
	return merged, err
}

// Transaction is what InTx runs f in.
type Transaction = transaction

// Numbering makes the store draw its order numbers from next.
func (s *Store) Numbering(next func() string) { s.newNumber = next }

// SetChoreTimeout changes how long a statement of a chore may take.
func SetChoreTimeout(s *Store, d time.Duration) { s.choreTimeout = d }

// OnPause shows a test the pauses of a sweep in place of waiting for them.
func OnPause(s *Store, f func(time.Duration)) {
	s.pause = func(_ context.Context, d time.Duration) { f(d) }
}

// NextBatch is how large the next batch of a sweep is.
var NextBatch = nextBatch

// InTx runs f as every transaction of the store runs.
func InTx(ctx context.Context, s *Store, f func(*Transaction) error) error { return s.inTx(ctx, f) }

// InOneTrip runs a statement as a transaction that is sent in one batch, COMMIT with it.
func InOneTrip(ctx context.Context, s *Store, sql string, args ...any) error {
	return s.inTx(ctx, func(tx *transaction) error {
		b := &pgx.Batch{}
		b.Queue(sql, args...)
		return tx.sendLast(ctx, b)
	})
}

// EachRight are the rights that Grant gives.
func EachRight() []string { return eachRight(rights) }

// SetCountBlocks changes of how many blocks of the table sessions are counted.
func SetCountBlocks(s *Store, n int64) { s.countBlocks = n }

// ReadsAtOnce is how many statements find sessions before further reads wait.
const ReadsAtOnce = readsAtOnce

// WaitingReads is how many reads of sessions wait for their statement to begin.
func WaitingReads(s *Store) int {
	s.sessionReads.mu.Lock()
	defer s.sessionReads.mu.Unlock()
	return len(s.sessionReads.waiting)
}

// SetHorizon makes a catalogue's snapshot one of a database whose transactions had come that far.
func SetHorizon(c *Catalog, horizon int64) {
	s := *c.current.Load()
	s.Version.Horizon = horizon
	c.current.Store(&s)
}

// Reload reads the whole catalogue, as Watch does once a minute.
func Reload(ctx context.Context, c *Catalog) error {
	_, err := c.refresh(ctx, readWhole)
	return err
}

// FindTogether finds sessions in one statement.
func FindTogether(ctx context.Context, s *Store, ids ...session.ID) (found []session.Record, err error) {
	var reads []*sessionRead
	for _, id := range ids {
		reads = append(reads, &sessionRead{ctx: ctx, id: id})
	}
	err = s.findSessions(ctx, reads)
	for _, r := range reads {
		found = append(found, r.record)
	}
	return found, err
}
