package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// MergeCarts is what a sign-in does with the carts.
var MergeCarts = mergeCarts

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
func InTx(ctx context.Context, s *Store, f func(pgx.Tx) error) error { return s.inTx(ctx, f) }

// EachRight are the rights that Grant gives.
func EachRight() []string { return eachRight(rights) }

// SetCountBlocks changes of how many blocks of the table sessions are counted.
func SetCountBlocks(s *Store, n int64) { s.countBlocks = n }
