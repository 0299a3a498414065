package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/session"
)

// This file is what the tutorial asks of the database; nothing else of the shop calls it.

// lessonRights are what aging one's own session needs beside the shop's rights.
var lessonRights = []privilege{{"sessions", "UPDATE (created, absolute_end, auth_time)"}}

// SessionRow is the row of a session as its owner sees it, with every time by the database's clock.
type SessionRow struct {
	ID          session.ID
	Created     time.Time
	LastUsed    time.Time
	IdleEnd     time.Time
	AbsoluteEnd time.Time
	Now         time.Time
	Ended       *time.Time // nil: no end has been recorded
	Reason      string     // why it ended, "" while it is live
	SignedIn    bool
	CartUnits   int
}

const sessionRows = `
SELECT s.id, s.created, s.last_used, s.last_used + s.idle, s.absolute_end, statement_timestamp(), s.ended,
       CASE WHEN live(s) THEN '' ELSE ` + whyEnded + ` END,
       s.customer_id IS NOT NULL,
       coalesce((SELECT sum(l.quantity) FROM carts k JOIN cart_lines l ON l.cart_id = k.id AND NOT l.saved
                 WHERE s.ended IS NULL AND (k.customer_id = s.customer_id OR s.customer_id IS NULL
                     AND k.id = s.cart_id AND k.closed IS NULL)), 0)
FROM sessions s WHERE s.id = ANY ($1) ORDER BY s.created`

// SessionRows returns the rows of ids that still exist, the oldest first.
func (s *Store) SessionRows(ctx context.Context, ids []session.ID) ([]SessionRow, error) {
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	rows, err := s.pool.Query(ctx, sessionRows, keys)
	if err != nil {
		return nil, fmt.Errorf("list session rows: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r SessionRow, err error) {
		var id []byte
		err = row.Scan(&id, &r.Created, &r.LastUsed, &r.IdleEnd, &r.AbsoluteEnd, &r.Now, &r.Ended, &r.Reason, &r.SignedIn,
			&r.CartUnits)
		copy(r.ID[:], id)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("list session rows: %w", err)
	}
	return found, nil
}

// CountSessionsOf counts the rows that a browser of this name has made.
func (s *Store) CountSessionsOf(ctx context.Context, userAgent string) (n int, err error) {
	err = s.pool.QueryRow(ctx, "SELECT count(*) FROM sessions WHERE user_agent = $1", userAgent).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count sessions of a browser: %w", err)
	}
	return n, nil
}

// takeOut unnests the arrays of the row itself, so it loses no addition that it waited for.
const takeOut = `
UPDATE carts c SET changed = now(), undo = NULL, (products, quantities, prices, added) = (
    SELECT coalesce(array_agg(n.product ORDER BY place), '{}'), coalesce(array_agg(n.left_over ORDER BY place), '{}'),
           coalesce(array_agg(n.price ORDER BY place), '{}'), coalesce(array_agg(n.added ORDER BY place), '{}')
    FROM (SELECT *, quantity - (product = p.id)::int AS left_over
          FROM unnest(c.products, c.quantities, c.prices, c.added) WITH ORDINALITY
              AS l (product, quantity, price, added, place)) n
    WHERE n.left_over > 0)
FROM products p, sessions s
WHERE s.id = latest_session($1) AND s.customer_id = $2 AND c.customer_id = $2
    AND p.sku = $3 AND p.id = ANY (c.products)`

// TakeOut takes one piece of a product out of a customer's cart, if one of their sessions took the
// place of the planted one. There is nothing to undo then.
func (s *Store) TakeOut(ctx context.Context, planted session.ID, customerID int64, sku string) error {
	if _, err := s.pool.Exec(ctx, takeOut, planted[:], customerID, sku); err != nil {
		return fmt.Errorf("take out: %w", err)
	}
	return nil
}

const ageSession = `
UPDATE sessions s SET created = s.created - $2::interval, last_used = s.last_used - CASE WHEN $3
    THEN interval '0' ELSE $2::interval END, auth_time = s.auth_time - $2::interval,
    absolute_end = s.absolute_end - $2::interval, sweep_after = least(s.last_used + s.idle,
        s.absolute_end) - $2::interval
WHERE s.id = $1 AND live(s)`

// AgeSession moves the times of one live session back by age, but for its last use when it is to
// look busy. Aged is false when there is no such live session.
func (s *Store) AgeSession(ctx context.Context, id session.ID, age time.Duration, busy bool) (aged bool, err error) {
	done, err := s.pool.Exec(ctx, ageSession, id[:], age, busy)
	if err != nil {
		return false, fmt.Errorf("age session: %w", err)
	}
	return done.RowsAffected() == 1, nil
}
