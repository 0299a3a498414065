package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrReplayed says that a logout token was taken before.
var ErrReplayed = errors.New("this logout token was taken before")

// logoutMarkLifetime is how long a logout is held against sign-ins still under way: longer than an attempt may take.
const logoutMarkLifetime = 30 * time.Minute

// Logout is what a provider's logout token says: a session of the provider, a subject, or both.
type Logout struct {
	Issuer   string
	Subject  string // "": whoever had the session
	SID      string // "": every session of the subject
	TokenID  string // jti
	IssuedAt time.Time
	Keep     time.Duration // how long the token could still be presented
}

// EndByProvider ends the sessions a logout token names and returns how many (OIDC Back-Channel Logout 1.0, 2.7). One transaction remembers the token, ends
// the sessions and leaves a mark for sign-ins still under way; it returns ErrReplayed, and ends nothing, for a token it has taken before.
// A session signed in to with an ID token issued after a logout of the whole subject is not meant by it.
func (s *Store) EndByProvider(ctx context.Context, l Logout) (ended int, err error) {
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
			return ErrReplayed
		}
		ended, err = endByProvider(ctx, tx, l)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("end sessions by provider: %w", err)
	}
	return ended, nil
}

var endNamed = `
UPDATE sessions s SET ended_reason = 'back_channel', ` + tombstone + `
FROM customers c
WHERE c.id = s.customer_id AND c.issuer = $1 AND ($2 = '' OR c.subject = $2)
  AND CASE WHEN $3 <> '' THEN s.provider_sid = $3 ELSE s.issued <= $4 END AND live(s)`

func endByProvider(ctx context.Context, tx pgx.Tx, l Logout) (ended int, err error) {
	done, err := tx.Exec(ctx, endNamed, l.Issuer, l.Subject, l.SID, l.IssuedAt)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO logout_marks (issuer, subject, sid, issued, expires) VALUES ($1, nullif($2, ''), nullif($3, ''), $4, statement_timestamp() + $5)`,
		l.Issuer, l.Subject, l.SID, l.IssuedAt, logoutMarkLifetime)
	return int(done.RowsAffected()), err
}
