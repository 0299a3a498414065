package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/session"
)

// Devices implements session.Store.
func (s *Store) Devices(ctx context.Context, customerID int64) ([]session.Device, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT s.handle, s.user_agent, s.created, s.last_used, false AS current
		FROM sessions s WHERE s.customer_id = $1 AND live(s) ORDER BY s.last_used DESC, s.created DESC`, customerID)
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	devices, err := pgx.CollectRows(rows, pgx.RowToStructByPos[session.Device])
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	return devices, nil
}

// EndDevice implements session.Store.
func (s *Store) EndDevice(ctx context.Context, customerID int64, handle string) (found bool, err error) {
	n, err := s.revoke(ctx, `s.customer_id = $1 AND s.handle = $2`, customerID, handle)
	return n > 0, err
}

// EndOtherDevices implements session.Store.
func (s *Store) EndOtherDevices(ctx context.Context, customerID int64, keep session.ID) (ended int, err error) {
	return s.revoke(ctx, `s.customer_id = $1 AND s.id <> $2`, customerID, keep[:])
}

// revoke ends the live sessions a condition picks.
func (s *Store) revoke(ctx context.Context, which string, args ...any) (ended int, err error) {
	done, err := s.pool.Exec(ctx, `UPDATE sessions s SET ended_reason = 'revoked', `+tombstone+` WHERE `+which+` AND live(s)`, args...)
	if err != nil {
		return 0, fmt.Errorf("revoke sessions: %w", err)
	}
	return int(done.RowsAffected()), nil
}
