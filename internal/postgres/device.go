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
func (s *Store) EndDevice(ctx context.Context, customerID int64, handle string) (logIDs []string, err error) {
	return s.revoke(ctx, `s.customer_id = $1 AND s.handle = $2`, customerID, handle)
}

// EndOtherDevices implements session.Store.
func (s *Store) EndOtherDevices(ctx context.Context, customerID int64, keep session.ID) (logIDs []string, err error) {
	return s.revoke(ctx, `s.customer_id = $1 AND s.id <> $2`, customerID, keep[:])
}

// returningLogID makes an UPDATE of sessions s tell what the log knows them by.
const returningLogID = `
RETURNING s.log_id`

// revoke ends the live sessions a condition picks.
func (s *Store) revoke(ctx context.Context, which string, args ...any) (logIDs []string, err error) {
	rows, err := s.pool.Query(ctx, `UPDATE sessions s SET ended_reason = 'revoked', `+tombstone+` WHERE `+which+` AND live(s)`+returningLogID, args...)
	if err == nil {
		logIDs, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		return nil, fmt.Errorf("revoke sessions: %w", err)
	}
	return logIDs, nil
}
