package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hookandtag.example/shop/internal/session"
)

// What operators see of sessions and customers. None of it opens a session: no token, no hash, no data, no e-mail.

// ListedSession is one session as operators see it.
type ListedSession struct {
	Handle     string
	CustomerID int64 // 0: nobody has signed in
	Created    time.Time
	LastUsed   time.Time
	Ends       time.Time      // of a live session, unless it is used again
	Ended      *time.Time     // nil: live
	Reason     session.Reason // why it ended
}

// SessionFilter says which sessions are meant; its zero value means all live ones.
type SessionFilter struct {
	CustomerID int64
	Ended      bool // those that ended in the last 24 hours, too
	Limit      int  // 0: 100
}

const listSessions = `
SELECT handle, coalesce(customer_id, 0), created, last_used, session_end(s),
       CASE WHEN live(s) THEN NULL ELSE coalesce(ended, session_end(s)) END,
       CASE WHEN live(s) THEN '' ELSE coalesce(ended_reason, CASE WHEN absolute_end <= last_used + idle THEN 'absolute' ELSE 'idle' END) END
FROM sessions s
WHERE ($1 = 0 OR customer_id = $1) AND ($2 OR live(s))
ORDER BY last_used DESC, handle LIMIT $3`

// ListSessions returns sessions, the one used last first.
func (s *Store) ListSessions(ctx context.Context, f SessionFilter) ([]ListedSession, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	rows, err := s.pool.Query(ctx, listSessions, f.CustomerID, f.Ended, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	listed, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ListedSession])
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return listed, nil
}

// SessionTarget says which live sessions an operator ends: one by its handle, one customer's, or every customer's. Sessions that
// nobody signed in to are only ended by their handle, as their carts would be lost.
type SessionTarget struct {
	Handle     string
	CustomerID int64
	All        bool
}

// endBatch sessions are ended in one statement, so that nobody waits long for a lock.
const endBatch = 1000

// targeted are the next sessions to be ended.
const targeted = `FROM sessions o
    WHERE (o.handle = $1 OR o.customer_id = nullif($2, 0) OR $3 AND o.customer_id IS NOT NULL) AND live(o)
    ORDER BY o.id LIMIT $4`

const revokeTargeted = `
UPDATE customers SET proof_after = statement_timestamp()
WHERE id IN (SELECT id FROM customers WHERE id IN (SELECT o.customer_id ` + targeted + `) ORDER BY id FOR NO KEY UPDATE)`

var endTargeted = `
UPDATE sessions s SET ended_reason = 'revoked', ` + tombstone + `
WHERE s.id IN (SELECT o.id ` + targeted + ` FOR UPDATE)`

// EndSessions ends sessions as revoked and returns how many, also with an error: each batch is a transaction of its own. Each session is out on its
// next request, and only a new proof signs in again. (ASVS 7.4.5)
func (s *Store) EndSessions(ctx context.Context, t SessionTarget) (ended int64, err error) {
	for {
		var batch int64
		b := &pgx.Batch{}
		b.Queue(revokeTargeted, t.Handle, t.CustomerID, t.All, endBatch)
		b.Queue(endTargeted, t.Handle, t.CustomerID, t.All, endBatch).Exec(func(done pgconn.CommandTag) error {
			batch = done.RowsAffected()
			return nil
		})
		if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
			return ended, fmt.Errorf("end sessions: %w", err)
		}
		ended += batch
		if batch < endBatch {
			return ended, nil
		}
	}
}

// SessionCount is how many sessions there are of one kind in one state.
type SessionCount struct {
	SignedIn bool
	State    string // "live", or the reason it ended in the last 24 hours
	Count    int64
}

const countSessions = `
SELECT signed_in, state, count(*)
FROM (SELECT customer_id IS NOT NULL AS signed_in,
             CASE WHEN live(s) THEN 'live' ELSE coalesce(ended_reason, CASE WHEN absolute_end <= last_used + idle THEN 'absolute' ELSE 'idle' END) END AS state
      FROM sessions s) each_one
GROUP BY signed_in, state ORDER BY signed_in DESC, state <> 'live', state`

// SessionStats counts all sessions by kind and state.
func (s *Store) SessionStats(ctx context.Context) ([]SessionCount, error) {
	rows, err := s.pool.Query(ctx, countSessions)
	if err != nil {
		return nil, fmt.Errorf("count sessions: %w", err)
	}
	counts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SessionCount])
	if err != nil {
		return nil, fmt.Errorf("count sessions: %w", err)
	}
	return counts, nil
}

// ListedCustomer is one customer as operators see them.
type ListedCustomer struct {
	ID         int64
	Issuer     string
	Subject    string
	Created    time.Time
	LastSignIn *time.Time
	Disabled   *time.Time // since when they may not sign in
	Sessions   int64      // live ones
}

const listCustomers = `
SELECT c.id, c.issuer, c.subject, c.created, c.last_sign_in, c.disabled,
       (SELECT count(*) FROM sessions s WHERE s.customer_id = c.id AND live(s))
FROM customers c ORDER BY c.last_sign_in DESC NULLS LAST, c.id LIMIT $1`

// ListCustomers returns customers, the one who signed in last first; limit 0 means 100.
func (s *Store) ListCustomers(ctx context.Context, limit int) ([]ListedCustomer, error) {
	if limit <= 0 {
		limit = 100
	}
	rows, err := s.pool.Query(ctx, listCustomers, limit)
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	customers, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ListedCustomer])
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	return customers, nil
}

// ErrNoCustomer says that no customer has that number.
var ErrNoCustomer = errors.New("there is no such customer")

// DisableCustomer lets a customer sign in no more and ends their sessions as revoked, in one transaction, and returns how many there were (ASVS 7.4.2). A
// sign-in under way meanwhile either comes first, and its session ends here, or is refused.
func (s *Store) DisableCustomer(ctx context.Context, id int64) (ended int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `
			UPDATE customers SET disabled = coalesce(disabled, statement_timestamp()), proof_after = statement_timestamp() WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return ErrNoCustomer
		}
		done, err = tx.Exec(ctx, `UPDATE sessions s SET ended_reason = 'revoked', `+tombstone+` WHERE s.customer_id = $1 AND live(s)`, id)
		ended = done.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("disable customer %d: %w", id, err)
	}
	return ended, nil
}

// EnableCustomer lets a customer sign in again.
func (s *Store) EnableCustomer(ctx context.Context, id int64) error {
	done, err := s.pool.Exec(ctx, `UPDATE customers SET disabled = NULL WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("enable customer %d: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return fmt.Errorf("enable customer %d: %w", id, ErrNoCustomer)
	}
	return nil
}
