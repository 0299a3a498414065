package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/session"
)

// logoutMarkLifetime is how long a logout is held against sign-ins still under way: longer than an attempt may take.
const logoutMarkLifetime = 30 * time.Minute

// EndByProvider implements session.Store (OIDC Back-Channel Logout 1.0, 2.7). One transaction remembers the token, ends the sessions and
// leaves a mark for sign-ins still under way. A session that is meant by its subject, and not by its sid, ends only if its
// ID token is no newer than the logout token.
func (s *Store) EndByProvider(ctx context.Context, l session.Logout) (logIDs []string, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := lockIdentity(ctx, tx, l.Issuer, l.Subject, l.SID); err != nil {
			return err
		}
		first, err := tx.Exec(ctx, `INSERT INTO used_logout_tokens (issuer, jti, expires) VALUES ($1, $2, statement_timestamp() + $3) ON CONFLICT DO NOTHING`,
			l.Issuer, l.TokenID, l.Keep)
		if err != nil {
			return err
		}
		if first.RowsAffected() == 0 {
			return session.ErrReplayed
		}
		logIDs, err = endByProvider(ctx, tx, l)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("end sessions by provider: %w", err)
	}
	return logIDs, nil
}

// endNamed: a session whose ID token named none of the provider's cannot be told from the one that a token with both means, and ends with its subject's.
var endNamed = `
UPDATE sessions s SET ended_reason = 'back_channel', ` + tombstone + `
FROM customers c
WHERE c.id = s.customer_id AND c.issuer = $1 AND ($2 = '' OR c.subject = $2)
  AND (s.provider_sid = $3 OR $2 <> '' AND ($3 = '' OR s.provider_sid IS NULL) AND s.issued <= $4) AND live(s)
RETURNING s.log_id`

// lockNamed locks the customers whose sessions a logout means, as everyone does who ends more than one.
const lockNamed = `
SELECT FROM customers c
WHERE c.issuer = $1 AND ($2 = '' OR c.subject = $2) AND ($2 <> '' OR EXISTS (SELECT FROM sessions s WHERE s.customer_id = c.id AND s.provider_sid = $3 AND s.ended IS NULL))
ORDER BY c.id FOR NO KEY UPDATE`

func endByProvider(ctx context.Context, tx pgx.Tx, l session.Logout) (logIDs []string, err error) {
	b := &pgx.Batch{}
	b.Queue(lockNamed, l.Issuer, l.Subject, l.SID)
	b.Queue(endNamed, l.Issuer, l.Subject, l.SID, l.IssuedAt).Query(func(rows pgx.Rows) (err error) {
		logIDs, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	b.Queue(`INSERT INTO logout_marks (issuer, subject, sid, issued, expires) VALUES ($1, nullif($2, ''), nullif($3, ''), $4, statement_timestamp() + $5)`,
		l.Issuer, l.Subject, l.SID, l.IssuedAt, logoutMarkLifetime)
	err = tx.SendBatch(ctx, b).Close()
	return logIDs, err
}
