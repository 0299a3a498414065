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

// revoked is when the shop last took a customer's sessions away. It locks the customer's row too, which every sign-in does.
const revoked = `UPDATE customers SET proof_after = statement_timestamp() WHERE id = $1`

// revoke ends those live sessions of a customer that a condition picks, and holds it against sign-ins by an older proof: the provider may
// still know the browser that was signed out. It is one transaction in one round trip, and waits for a sign-in under way, to end its session too.
func (s *Store) revoke(ctx context.Context, which string, customerID int64, arg any) (logIDs []string, err error) {
	b := &pgx.Batch{}
	b.Queue(revoked, customerID)
	b.Queue(`UPDATE sessions s SET ended_reason = 'revoked', `+tombstone+` WHERE `+which+` AND live(s)`+returningLogID, customerID, arg).Query(func(rows pgx.Rows) error {
		logIDs, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("revoke sessions: %w", err)
	}
	return logIDs, nil
}
