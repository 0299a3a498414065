package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// choreRows collects the rows of a query that no page waits for.
func choreRows[T any](ctx context.Context, s *Store, sql string, args ...any) (found []T, err error) {
	err = s.chore(ctx, func(tx *transaction) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[T])
		return err
	})
	return found, err
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

// Revoked is what EndSessions did.
type Revoked struct {
	Sessions   int64  // how many ended
	CustomerID int64  // whose the session is that a handle named; 0: nobody's
	LogID      string // what the log calls it
}

// EndSessions ends sessions as revoked and returns what it did, also with an error: each batch is a
// transaction by itself. Each session is out on its next request, and only a later authentication
// signs in again (ASVS 7.4.5). It returns ErrNoSession or ErrNoCustomer for a target that does not
// exist.
func (s *Store) EndSessions(ctx context.Context, t SessionTarget) (r Revoked, err error) {
	switch {
	case t.All:
		r.Sessions, err = s.endAll(ctx)
	case t.Handle != "":
		r, err = s.endHandle(ctx, t.Handle)
	default:
		r.Sessions, err = s.endCustomers(ctx, []int64{t.CustomerID})
	}
	if err != nil {
		return r, fmt.Errorf("end sessions: %w", err)
	}
	return r, nil
}

// endAll goes through the customers with live sessions by their number, so that no batch reads what
// an earlier one has ended.
func (s *Store) endAll(ctx context.Context) (ended int64, err error) {
	for last := int64(0); ; {
		type next struct{ CustomerID int64 }
		found, err := choreRows[next](ctx, s, nextCustomers, last, endBatch)
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
	err = s.chore(ctx, func(tx *transaction) error {
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

// errWentOn says that a session went on as another customer's while its customer was being locked.
var errWentOn = errors.New("the session went on as another customer's")

// endHandle ends the session with that handle, or the one it went on as. Whose that is changes only
// while a visitor signs in from it.
func (s *Store) endHandle(ctx context.Context, handle string) (r Revoked, err error) {
	for err = errWentOn; errors.Is(err, errWentOn); {
		err = s.chore(ctx, func(tx *transaction) error {
			r, err = endLatest(ctx, tx, handle)
			return err
		})
	}
	return r, err
}

// endLatest locks the customer first, then their session, and looks then whether it is still
// theirs.
func endLatest(ctx context.Context, tx *transaction, handle string) (Revoked, error) {
	var first, latest []byte
	var owner int64
	var locked Revoked
	if err := tx.QueryRow(ctx, latestOfHandle, handle).Scan(&first, &latest, &owner, nil); err != nil {
		return Revoked{}, noSession(err)
	}
	b := &pgx.Batch{}
	b.Queue(revoked, owner) // nobody's: changes nothing
	queueLatest(b, first)
	b.Queue(latestOfHandle, handle).QueryRow(func(row pgx.Row) error {
		return row.Scan(nil, &latest, &locked.CustomerID, &locked.LogID)
	})
	if err := tx.send(ctx, b); err != nil {
		return Revoked{}, noSession(err)
	}
	if owner != locked.CustomerID {
		return Revoked{}, errWentOn
	}
	done, err := tx.Exec(ctx, revokeSession, latest)
	locked.Sessions = done.RowsAffected()
	return locked, err
}

func noSession(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNoSession
	}
	return err
}

const latestOfHandle = `
SELECT o.id, s.id, coalesce(s.customer_id, 0), s.log_id
FROM sessions o JOIN sessions s ON s.id = latest_session(o.id) WHERE o.handle = $1`

const revokeSession = `
UPDATE sessions s SET ended_reason = 'revoked', ` + tombstone + `
WHERE s.id = $1 AND live(s)`

// DisableCustomer refuses a customer's later sign-ins and ends their sessions as revoked, in one
// transaction, and returns how many there were (ASVS 7.4.2). A concurrent sign-in either
// comes first, and its session ends here, or is refused.
func (s *Store) DisableCustomer(ctx context.Context, id int64) (ended int64, err error) {
	err = s.chore(ctx, func(tx *transaction) error {
		done, err := tx.Exec(ctx, `
			UPDATE customers SET disabled = coalesce(disabled, statement_timestamp()),
			    auth_not_before = statement_timestamp() WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return ErrNoCustomer
		}
		done, err = tx.Exec(ctx, endOfCustomers, []int64{id})
		ended = done.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("disable customer %d: %w", id, err)
	}
	return ended, nil
}

// EnableCustomer lets a customer sign in again. It returns ErrNoCustomer for an unknown or erased
// one.
func (s *Store) EnableCustomer(ctx context.Context, id int64) error {
	done, err := s.pool.Exec(ctx, `UPDATE customers SET disabled = NULL WHERE id = $1 AND issuer <> 'erased'`, id)
	if err != nil {
		return fmt.Errorf("enable customer %d: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return fmt.Errorf("enable customer %d: %w", id, ErrNoCustomer)
	}
	return nil
}
