package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/session"
)

// What operators see of sessions and customers. None of it opens a session: no token, no hash, no
// data, no e-mail.

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
       CASE WHEN live(s) THEN '' ELSE coalesce(ended_reason, CASE WHEN absolute_end <= last_used + idle
           THEN 'absolute' ELSE 'idle' END) END
FROM sessions s
WHERE %s AND ($2 OR live(s))
ORDER BY last_used DESC, handle LIMIT $3`

// ListSessions returns sessions, the one used last first.
func (s *Store) ListSessions(ctx context.Context, f SessionFilter) ([]ListedSession, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	whose := `customer_id = $1`
	if f.CustomerID == 0 {
		whose = `$1::bigint = 0`
	}
	listed, err := list[ListedSession](ctx, s, fmt.Sprintf(listSessions, whose), f.CustomerID, f.Ended, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return listed, nil
}

// list collects the rows of a query that no page waits for.
func list[T any](ctx context.Context, s *Store, sql string, args ...any) (listed []T, err error) {
	err = s.chore(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		listed, err = pgx.CollectRows(rows, pgx.RowToStructByPos[T])
		return err
	})
	return listed, err
}

// SessionTarget says which live sessions an operator ends: one by its handle, one customer's, or
// every customer's. Sessions that nobody signed in to are only ended by their handle, as their
// carts would be lost.
type SessionTarget struct {
	Handle     string
	CustomerID int64
	All        bool
}

// endBatch customers lose their sessions in one transaction, so that nobody waits long for a lock.
const endBatch = 200

// ErrNoCustomer says that no customer has that number.
var ErrNoCustomer = errors.New("there is no such customer")

// EndSessions ends sessions as revoked and returns how many, also with an error: each batch is a
// transaction by itself. Each session is out on its next request, and only a later authentication
// signs in again (ASVS 7.4.5). It returns ErrNoSession or ErrNoCustomer for a target that does not
// exist.
func (s *Store) EndSessions(ctx context.Context, t SessionTarget) (ended int64, err error) {
	switch {
	case t.All:
		ended, err = s.endAll(ctx)
	case t.Handle != "":
		ended, err = s.endHandle(ctx, t.Handle)
	default:
		ended, err = s.endCustomers(ctx, []int64{t.CustomerID})
	}
	if err != nil {
		return ended, fmt.Errorf("end sessions: %w", err)
	}
	return ended, nil
}

// endAll goes through the customers with live sessions by their number, so that no batch reads what
// an earlier one has ended.
func (s *Store) endAll(ctx context.Context) (ended int64, err error) {
	for last := int64(0); ; {
		type next struct{ CustomerID int64 }
		found, err := list[next](ctx, s, nextCustomers, last, endBatch)
		if err != nil || len(found) == 0 {
			return ended, err
		}
		var ids []int64
		for _, n := range found {
			ids = append(ids, n.CustomerID)
		}
		n, err := s.endCustomers(ctx, ids)
		if ended += n; err != nil {
			return ended, err
		}
		last = ids[len(ids)-1]
	}
}

const nextCustomers = `
SELECT DISTINCT customer_id FROM sessions s WHERE customer_id > $1 AND ended IS NULL
    AND live(s) ORDER BY customer_id LIMIT $2`

func (s *Store) endCustomers(ctx context.Context, ids []int64) (ended int64, err error) {
	err = s.chore(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, revokeCustomers, ids)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return ErrNoCustomer
		}
		done, err = tx.Exec(ctx, endOfCustomers, ids)
		ended = done.RowsAffected()
		return err
	})
	return ended, err
}

const revokeCustomers = `
UPDATE customers SET auth_not_before = statement_timestamp()
WHERE id IN (SELECT id FROM customers WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE)`

const endOfCustomers = `
UPDATE sessions s SET ended_reason = 'revoked', ` + tombstone + `
WHERE s.customer_id = ANY ($1) AND live(s)`

// endHandle ends the session with that handle, or the one it went on as.
func (s *Store) endHandle(ctx context.Context, handle string) (ended int64, err error) {
	err = s.chore(ctx, func(tx pgx.Tx) error {
		var id []byte
		var customerID *int64
		err := tx.QueryRow(ctx, `SELECT id, customer_id FROM sessions WHERE handle = $1`, handle).Scan(&id, &customerID)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNoSession
		}
		if err != nil {
			return err
		}
		if customerID != nil {
			if _, err := tx.Exec(ctx, revoked, *customerID); err != nil {
				return err
			}
		}
		done, err := tx.Exec(ctx, endLatest, id)
		ended = done.RowsAffected()
		return err
	})
	return ended, err
}

const endLatest = `
UPDATE sessions s SET ended_reason = 'revoked', ` + tombstone + `
WHERE s.id = (SELECT latest_session($1)) AND live(s)`

// SessionCount is how many sessions there are of one kind in one state.
type SessionCount struct {
	SignedIn bool
	State    string // "live", or the reason it ended in the last 24 hours
	Count    int64
}

const countSessions = `
SELECT signed_in, state, count(*)
FROM (SELECT customer_id IS NOT NULL AS signed_in,
             CASE WHEN live(s) THEN 'live' ELSE coalesce(ended_reason, CASE
                 WHEN absolute_end <= last_used + idle THEN 'absolute' ELSE 'idle' END) END AS state
      FROM sessions s) each_one
GROUP BY signed_in, state ORDER BY signed_in DESC, state <> 'live', state`

// SessionStats counts all sessions by kind and state.
func (s *Store) SessionStats(ctx context.Context) ([]SessionCount, error) {
	counts, err := list[SessionCount](ctx, s, countSessions)
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
	customers, err := list[ListedCustomer](ctx, s, listCustomers, limit)
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	return customers, nil
}

// DisableCustomer refuses a customer's later sign-ins and ends their sessions as revoked, in one
// transaction, and returns how many there were (ASVS 7.4.2). A concurrent sign-in either
// comes first, and its session ends here, or is refused.
func (s *Store) DisableCustomer(ctx context.Context, id int64) (ended int64, err error) {
	err = s.chore(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `
			UPDATE customers SET disabled = coalesce(disabled, statement_timestamp()),
			    auth_not_before = statement_timestamp() WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return ErrNoCustomer
		}
		done, err = tx.Exec(ctx, `UPDATE sessions s SET ended_reason = 'revoked', `+tombstone+
			` WHERE s.customer_id = $1 AND live(s)`, id)
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
