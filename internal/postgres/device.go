package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/session"
)

// Devices implements session.DeviceStore.
func (s *Store) Devices(ctx context.Context, customerID int64) ([]session.Device, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT s.handle, s.user_agent, s.created, s.last_used
		FROM sessions s WHERE s.customer_id = $1 AND live(s) ORDER BY s.last_used DESC, s.created DESC`, customerID)
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	devices, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[session.Device])
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	return devices, nil
}

// EndDevice implements session.DeviceStore.
func (s *Store) EndDevice(ctx context.Context, customerID int64, handle string, keep session.ID) (logIDs []string,
	err error) {
	return s.revoke(ctx, endDevice, customerID, keep[:], handle)
}

// EndOtherDevices implements session.DeviceStore.
func (s *Store) EndOtherDevices(ctx context.Context, customerID int64, keep session.ID) (logIDs []string, err error) {
	return s.revoke(ctx, endOthers, customerID, keep[:])
}

// returningLogID makes an UPDATE of sessions s return their names in the log.
const returningLogID = `
RETURNING s.log_id`

// endOthers ends a customer's live sessions but one. That one may have gone on under a new tag
// since the request began, and is kept then, too.
const endOthers = `
UPDATE sessions s SET ended_reason = 'revoked', ` + tombstone + `
WHERE s.customer_id = $1 AND s.id <> $2 AND s.id IS DISTINCT FROM (SELECT latest_session($2)) AND live(s)`

// endDevice narrows endOthers to one session, or the one it went on as.
const endDevice = endOthers + `
  AND s.id = (SELECT latest_session(o.id) FROM sessions o WHERE o.handle = $3 AND o.customer_id = $1)`

// revoked is when the shop last took a customer's sessions away. It locks the customer's row too,
// which every sign-in does.
const revoked = `UPDATE customers SET auth_not_before = statement_timestamp() WHERE id = $1`

// revoke ends sessions of a customer and holds it against sign-ins by an older authentication: the
// provider may still know the browser that was signed out. It is one transaction in one round trip,
// and waits for a sign-in in progress, to end its session, too.
func (s *Store) revoke(ctx context.Context, end string, customerID int64, args ...any) (logIDs []string, err error) {
	err = s.batch(ctx, func(b *pgx.Batch) {
		b.Queue(revoked, customerID)
		b.Queue(end+returningLogID, append([]any{customerID}, args...)...).Query(func(rows pgx.Rows) (err error) {
			logIDs, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("revoke sessions: %w", err)
	}
	return logIDs, nil
}
