package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// Whether a session is live is said in one place, the function live(sessions) of the schema; every
// statement below asks it.

const findSession = `
SELECT s.data, s.handle, s.log_id, s.created, s.last_used,
       extract(epoch FROM s.idle)::float8, extract(epoch FROM s.absolute_end - coalesce(s.auth_time, s.created))::float8, extract(epoch FROM s.last_used + s.idle - statement_timestamp())::float8 AS idle_left,
       extract(epoch FROM s.absolute_end - statement_timestamp())::float8 AS absolute_left,
       s.last_used < statement_timestamp() - least(interval '60 s', s.idle / 30) AS stale,
       CASE WHEN live(s) THEN '' WHEN s.ended IS NOT NULL THEN s.ended_reason
            WHEN s.absolute_end <= s.last_used + s.idle THEN 'absolute' ELSE 'idle' END AS ended,
       extract(epoch FROM statement_timestamp() - coalesce(s.ended, session_end(s)))::float8 AS ended_ago,
       s.ended IS NOT NULL AS tombstone, s.auth_time, coalesce(extract(epoch FROM statement_timestamp() - s.auth_time), 0)::float8,
       coalesce(c.id, 0), coalesce(c.issuer, ''), coalesce(c.subject, ''), coalesce(c.name, ''), coalesce(c.email, ''), coalesce(c.email_verified, false),
       coalesce(k.id, 0), coalesce((SELECT sum(l.quantity) FROM cart_lines l JOIN products p ON p.id = l.product_id
                                      WHERE l.cart_id = k.id AND NOT l.saved AND p.stock > 0), 0),
       (SELECT jsonb_object_agg(l.product_id, l.quantity) FROM cart_lines l WHERE l.cart_id = k.id AND NOT l.saved), catalog_changes($2)
FROM sessions s
LEFT JOIN customers c ON c.id = s.customer_id
LEFT JOIN LATERAL (
    SELECT id FROM carts WHERE s.customer_id IS NULL AND id = s.cart_id AND closed IS NULL
    UNION ALL
    SELECT id FROM carts WHERE customer_id = s.customer_id
) k ON true
WHERE s.id = $1`

// FindSession implements session.Store.
func (s *Store) FindSession(ctx context.Context, id session.ID) (r session.Record, found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience) // every page waits for this one
	defer cancel()
	var limit, longest, idle, absolute, ago, authAge float64
	var authTime *time.Time
	var row visitor.Row
	c, glance := &row.Customer, &row.Glance
	glance.Catalog = s.catalogVersion()
	err = s.pool.QueryRow(ctx, findSession, id[:], glance.Catalog.Horizon).Scan(&r.Data, &r.Handle, &r.LogID, &r.Created,
		&r.LastUsed,
		&limit, &longest, &idle, &absolute, &r.Stale, &r.Ended, &ago, &r.Tombstone, &authTime, &authAge,
		&c.ID, &c.Issuer, &c.Subject, &c.Name, &c.Email, &c.EmailVerified, &row.CartID, &row.Units,
		&glance.Pieces, &glance.Catalog.Later)
	if errors.Is(err, pgx.ErrNoRows) {
		return session.Record{}, false, nil
	}
	if err != nil {
		return session.Record{}, false, fmt.Errorf("find session: %w", err)
	}
	r.Along, r.Owner, r.Absolute = row, c.ID, seconds(longest)
	if r.Owner == 0 {
		r.Ref = row.CartID
	}
	r.Idle, r.IdleLeft, r.AbsoluteLeft, r.EndedAgo = seconds(limit), seconds(idle), seconds(absolute), seconds(ago)
	if authTime != nil {
		r.AuthTime, r.AuthAge = *authTime, seconds(authAge)
	}
	return r, true, nil
}

const insertSession = `
WITH replaced AS (
    UPDATE sessions SET ended = statement_timestamp(), ended_reason = 'rotated', data = '{}', cart_id = NULL,
        replaced_by = @id, sweep_after = statement_timestamp() + interval '24 hours'
    WHERE id = @replaces AND ended IS NULL AND customer_id IS NULL AND cart_id = @cart
    RETURNING id
)
INSERT INTO sessions (id, handle, log_id, data, idle, absolute_end, sweep_after, cart_id, user_agent)
SELECT @id::bytea, @handle, @log, @data::jsonb, @idle::interval, statement_timestamp() + @absolute::interval,
       statement_timestamp() + least(@idle::interval, @absolute::interval),
       (SELECT id FROM carts WHERE id = @cart::bigint AND customer_id IS NULL), @agent
WHERE @replaces::bytea IS NULL OR EXISTS (SELECT FROM replaced)`

// InsertSession implements session.Store.
func (s *Store) InsertSession(ctx context.Context, n session.NewRecord) error {
	args := newSessionArgs(n)
	args["cart"], args["replaces"] = nilIfZero(n.Ref), []byte(nil)
	if !n.Replaces.IsZero() {
		args["replaces"] = n.Replaces[:]
	}
	done, err := s.pool.Exec(ctx, insertSession, args)
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	if done.RowsAffected() == 0 {
		return session.ErrEnded
	}
	return nil
}

func newSessionArgs(n session.NewRecord) pgx.NamedArgs {
	return pgx.NamedArgs{"id": n.ID[:], "handle": n.Handle, "log": n.LogID, "data": n.Data, "idle": n.Idle,
		"absolute": n.Absolute, "agent": n.UserAgent}
}

// used is what a recorded use changes, in an UPDATE of sessions s: no indexed column, so that the
// row is updated in place. The last use never goes back, though the database's clock may.
const used = `last_used = greatest(s.last_used, statement_timestamp())`

// newBrowser compares with the row as it was before the statement; %s is what the browser says of itself.
const newBrowser = `
RETURNING (SELECT b.user_agent <> '' AND b.user_agent <> %s FROM sessions b WHERE b.id = s.id)`

var updateSession = `
UPDATE sessions s SET data = CASE WHEN $4 THEN $2::jsonb ELSE (s.data - $3::text[]) || $2::jsonb END,
    cart_id = coalesce((SELECT id FROM carts WHERE id = $5 AND customer_id IS NULL), s.cart_id), user_agent = $6, ` + used + `
WHERE s.id = $1 AND live(s)` + fmt.Sprintf(newBrowser, "$6")

// UpdateSession implements session.Store.
func (s *Store) UpdateSession(ctx context.Context, id session.ID, c session.Change) (session.Touch, error) {
	gone := c.Gone
	if gone == nil {
		gone = []string{}
	}
	t := session.Touch{Hit: true}
	err := s.pool.QueryRow(ctx, updateSession, id[:], c.Set, gone, c.Replace, nilIfZero(c.Ref),
		c.UserAgent).Scan(&t.NewBrowser)
	if errors.Is(err, pgx.ErrNoRows) {
		return session.Touch{}, session.ErrEnded
	}
	if err != nil {
		return session.Touch{}, fmt.Errorf("update session: %w", err)
	}
	return t, nil
}

var touchSession = `
UPDATE sessions s SET user_agent = $2, ` + used + `
WHERE s.id = $1 AND live(s) AND s.last_used < statement_timestamp() - least(interval '60 s', s.idle / 30)` + fmt.Sprintf(newBrowser, "$2")

// TouchSession implements session.Store. Of many at once, one writes.
func (s *Store) TouchSession(ctx context.Context, id session.ID, userAgent string) (session.Touch, error) {
	t := session.Touch{Hit: true}
	err := s.pool.QueryRow(ctx, touchSession, id[:], userAgent).Scan(&t.NewBrowser)
	if errors.Is(err, pgx.ErrNoRows) {
		return session.Touch{}, nil
	}
	if err != nil {
		return session.Touch{}, fmt.Errorf("touch session: %w", err)
	}
	return t, nil
}

// tombstone is what ending changes, in an UPDATE of sessions s: the data goes at once, the reason stays for a day.
const tombstone = `ended = statement_timestamp(), data = '{}', id_token = NULL,
    sweep_after = statement_timestamp() + interval '24 hours'`

// endSession ends a session, or the one it went on as; the row itself is locked before, so that a
// rotation that is not yet committed is waited for and followed.
const endSession = `
UPDATE sessions s SET ended_reason = CASE WHEN s.customer_id IS NOT NULL AND $2 = 'forgotten' THEN 'signed_out' ELSE $2 END, ` + tombstone + `
FROM (SELECT id, id_token FROM sessions WHERE id = latest_session($1) FOR UPDATE) b
WHERE s.id = b.id AND s.ended IS NULL
RETURNING s.id, s.log_id, coalesce(b.id_token, '')`

// EndSession implements session.Store.
func (s *Store) EndSession(ctx context.Context, id session.ID, why session.Reason) (e session.EndedRecord, err error) {
	err = s.batch(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT FROM sessions WHERE id = $1 FOR UPDATE`, id[:])
		b.Queue(endSession, id[:], why).Query(func(rows pgx.Rows) error {
			var last []byte
			_, err := pgx.ForEachRow(rows, []any{&last, &e.LogID, &e.SealedToken}, func() error {
				e.ID = session.ID(last)
				return nil
			})
			return err
		})
	})
	if err != nil {
		return session.EndedRecord{}, fmt.Errorf("end session: %w", err)
	}
	return e, nil
}

// expired turns rows past a limit into tombstones that say when and why; %s narrows it to some of them.
const expired = `
UPDATE sessions s SET ended = session_end(s), data = '{}', id_token = NULL,
    ended_reason = CASE WHEN s.absolute_end <= s.last_used + s.idle THEN 'absolute' ELSE 'idle' END,
    sweep_after = session_end(s) + interval '24 hours'
WHERE %s AND s.ended IS NULL AND NOT live(s)`

// ExpireSession implements session.Store.
func (s *Store) ExpireSession(ctx context.Context, id session.ID) error {
	if _, err := s.pool.Exec(ctx, fmt.Sprintf(expired, "s.id = $1"), id[:]); err != nil {
		return fmt.Errorf("expire session: %w", err)
	}
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// nilIfZero makes NULL of an id that is not there.
func nilIfZero(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
