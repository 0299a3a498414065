package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hookandtag.example/shop/internal/session"
)

// logoutMarkLifetime is how long a logout is held against open sign-ins: longer than an ID token
// may take to arrive (auth.MaxTokenAge) and clocks may differ.
const logoutMarkLifetime = 30 * time.Minute

// EndByProvider implements session.LogoutStore (OIDC Back-Channel Logout 1.0, 2.7). One transaction
// remembers the token, ends the sessions and leaves a mark for open sign-ins. A session
// that is meant by its subject, and not by its sid, ends only if its ID token is no newer than the
// logout token.
func (s *Store) EndByProvider(ctx context.Context, l session.Logout) (logIDs []string, err error) {
	err = s.inTx(ctx, func(tx *transaction) error {
		first := false
		b := &pgx.Batch{}
		queueIdentity(b, l.Issuer, l.Subject, l.SID)
		b.Queue(`INSERT INTO used_logout_tokens (issuer, jti, expires) VALUES ($1, $2,
			statement_timestamp() + $3) ON CONFLICT DO NOTHING`,
			l.Issuer, l.TokenID, l.Keep).Exec(func(done pgconn.CommandTag) error {
			first = done.RowsAffected() > 0
			return nil
		})
		if err := tx.send(ctx, b); err != nil {
			return err
		}
		if !first {
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

// meant are the customers a logout token with a subject names, and who have a session of the
// provider's that it names by sid alone. Each is found by an index.
const (
	meantBySubject = `SELECT id FROM customers WHERE issuer = $1 AND subject = $2`
	meantBySID     = `
SELECT c.id FROM sessions s JOIN customers c ON c.id = s.customer_id
WHERE c.issuer = $1 AND s.provider_sid = $2 AND s.ended IS NULL`
)

// endBySubject: a session whose ID token named no sid may be the one
// that a token with both means, and ends with its subject's.
const (
	endBySubject = `
UPDATE sessions s SET ended_reason = 'back_channel', ` + tombstone + `
WHERE s.customer_id IN (` + meantBySubject + `) AND live(s)
  AND (s.provider_sid = $3 OR ($3 = '' OR s.provider_sid IS NULL) AND s.issued <= $4)` + returningLogID
	endBySID = `
UPDATE sessions s SET ended_reason = 'back_channel', ` + tombstone + `
WHERE s.customer_id IN (` + meantBySID + `) AND s.provider_sid = $2 AND live(s)` + returningLogID
)

// endByProvider locks the customers first, as everyone does who ends more than one session.
func endByProvider(ctx context.Context, tx *transaction, l session.Logout) (logIDs []string, err error) {
	collect := func(rows pgx.Rows) (err error) {
		logIDs, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}
	lock := func(meant string) string {
		return `SELECT FROM customers WHERE id IN (` + meant + `) ORDER BY id FOR NO KEY UPDATE`
	}
	b := &pgx.Batch{}
	if l.Subject != "" {
		b.Queue(lock(meantBySubject), l.Issuer, l.Subject)
		b.Queue(endBySubject, l.Issuer, l.Subject, l.SID, l.IssuedAt).Query(collect)
	} else {
		b.Queue(lock(meantBySID), l.Issuer, l.SID)
		b.Queue(endBySID, l.Issuer, l.SID).Query(collect)
	}
	b.Queue(`INSERT INTO logout_marks (issuer, subject, sid, issued, expires) VALUES ($1, nullif($2, ''), nullif($3,
		''), $4, statement_timestamp() + $5)`,
		l.Issuer, l.Subject, l.SID, l.IssuedAt, logoutMarkLifetime)
	err = tx.sendLast(ctx, b)
	return logIDs, err
}
