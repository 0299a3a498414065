package postgres

import (
	"context"
	"errors"
	"fmt"
)

// Why a database that answers is not ready.
var (
	ErrNotMigrated = errors.New("the database lacks migrations this version needs: run shop migrate first")
	ErrReadOnly    = errors.New("the database takes no changes: it is a standby, or set to read only")
)

// Ready returns nil when the shop can work with the database: it answers, has every migration this
// program knows and takes changes. The error is ErrNotMigrated or ErrReadOnly, or says what keeps
// the database from answering. It waits as long as ctx does, and never for a connection of the
// pool's.
func (s *Store) Ready(ctx context.Context) error {
	whole, err := migrated(ctx, s.readiness.Pool)
	if err != nil {
		return err
	}
	if !whole {
		return ErrNotMigrated
	}
	var readOnly bool
	if err := s.readiness.QueryRow(ctx,
		"SELECT current_setting('transaction_read_only')::boolean").Scan(&readOnly); err != nil {
		return fmt.Errorf("ask whether the database takes changes: %w", err)
	}
	if readOnly {
		return ErrReadOnly
	}
	return nil
}
