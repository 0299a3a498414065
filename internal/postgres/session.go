package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/session"
)

// Whether a session is live is said in one place, the function live(sessions) of the schema. The
// statements that find, touch and change one ask it; ending one needs no live session.
//
// For a store of a session alone, leave out what comes along: the customer, the cart's columns and
// the products in findSessions, Along in sessionrow.go, and carts in updateSession and
// insertSession. internal/session/memory keeps nothing else.

// findSessions reads times as they are; what is left of them is worked out below, because
// extract() for each of them cost PostgreSQL more than finding the row. Each table joined costs
// about as much as the row, so the customer comes as one array, the lines are in the cart's row,
// and products are left to the catalogue in memory.
//
// It must be planned once, not for each execution, which costs several times what it does itself.
// Of a range without an end PostgreSQL expects a third of all products, so both columns of the
// index stand between bounds. Of a parameter it reads how long the array is, and finds the plan
// for one id cheaper than the one for any number; in a subquery it cannot.
const findSessions = `
SELECT s.id, s.data, s.handle, s.log_id, s.created, s.last_used, s.idle, s.absolute_end, s.auth_time,
       live(s), s.ended, coalesce(s.ended_reason, ''), statement_timestamp(),
       (SELECT ARRAY[c.id::text, c.issuer, c.subject, c.name, c.email, c.email_verified::text]
        FROM customers c WHERE c.id = s.customer_id),
       coalesce(k.id, 0), k.undo, k.products, k.quantities, k.prices, k.added,
       k.saved_products, k.saved_quantities, k.saved_prices, k.saved_added,
       (SELECT coalesce(bit_xor(hashint8extended(id, changed_in)), 0) FROM products
        WHERE changed_in BETWEEN $2 AND $3 AND id BETWEEN $4 AND $3)
FROM sessions s
LEFT JOIN carts k ON k.closed IS NULL
    AND k.id = coalesce(s.cart_id, (SELECT id FROM carts WHERE customer_id = s.customer_id))
WHERE s.id = ANY ((SELECT $1::bytea[])::bytea[])`

// FindSession implements session.Store. It waits two seconds at most. Calls at the same moment
// share a statement, see sessionReads.
func (s *Store) FindSession(ctx context.Context, id session.ID) (r session.Record, found bool, err error) {
	r, found, err = s.sessionReads.read(ctx, id)
	if err != nil {
		return session.Record{}, false, fmt.Errorf("find session: %w", err)
	}
	return r, found, nil
}

// findSessions answers reads with one statement, each with a record of its own.
func (s *Store) findSessions(ctx context.Context, reads []*sessionRead) error {
	ids := make([][]byte, len(reads))
	for i, r := range reads {
		ids[i] = r.id[:]
	}
	version := s.catalogVersion()
	rows, err := s.pool.Query(ctx, findSessions, ids, version.Horizon, int64(math.MaxInt64), int64(0))
	if err != nil {
		return err
	}
	var row sessionRow
	columns := row.columns()
	_, err = pgx.ForEachRow(rows, columns, func() (err error) {
		id, again := session.ID(row.id), false
		for _, r := range reads {
			if r.id != id {
				continue
			}
			if again { // no two requests share what a record holds
				if err := rows.Scan(columns...); err != nil {
					return err
				}
			}
			if r.record, err = row.record(version); err != nil {
				return err
			}
			r.found, again, row = true, true, sessionRow{}
		}
		return nil
	})
	return err
}

// sessionTimes are the moments of a session's row, and the database's own.
type sessionTimes struct {
	absoluteEnd, now time.Time
	authTime, ended  *time.Time
	live             bool
}

// fill works out what a request wants to know of the times. Whether the session is live the
// database has said.
func (t sessionTimes) fill(r *session.Record) {
	idleEnd, begun := r.LastUsed.Add(r.Idle), r.Created
	if t.authTime != nil {
		begun, r.AuthTime, r.AuthAge = *t.authTime, *t.authTime, t.now.Sub(*t.authTime)
	}
	r.Absolute, r.IdleLeft, r.AbsoluteLeft = t.absoluteEnd.Sub(begun), idleEnd.Sub(t.now), t.absoluteEnd.Sub(t.now)
	r.Stale = t.now.Sub(r.LastUsed) > min(time.Minute, r.Idle/30)
	r.Tombstone = t.ended != nil
	switch {
	case t.live:
		r.Ended = ""
	case t.ended != nil:
		r.EndedAgo = t.now.Sub(*t.ended)
	case t.absoluteEnd.After(idleEnd):
		r.Ended, r.EndedAgo = session.Idle, t.now.Sub(idleEnd)
	default:
		r.Ended, r.EndedAgo = session.Absolute, t.now.Sub(t.absoluteEnd)
	}
}

const insertSession = `
WITH replaced AS (
    UPDATE sessions SET ended_reason = 'rotated', cart_id = NULL, replaced_by = @id, ` + tombstone + `
    WHERE id = @replaces AND ended IS NULL AND customer_id IS NULL AND cart_id = @cart
    RETURNING id
)
` + newSession + `, (SELECT id FROM carts WHERE id = @cart::bigint AND customer_id IS NULL)
WHERE @replaces::bytea IS NULL OR EXISTS (SELECT FROM replaced)`

// newSession writes a session. The caller adds the cart, its last value, and where it comes from.
const newSession = `
INSERT INTO sessions (id, handle, log_id, data, idle, absolute_end, sweep_after, user_agent, cart_id)
SELECT @id::bytea, @handle, @log, @data::jsonb, @idle::interval, statement_timestamp() + @absolute::interval,
       statement_timestamp() + least(@idle::interval, @absolute::interval), @agent`

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

// newBrowser compares with the row as it was before the statement; %s is what the browser says of
// itself.
const newBrowser = `
RETURNING (SELECT b.user_agent <> '' AND b.user_agent <> %s FROM sessions b WHERE b.id = s.id)`

var updateSession = `
UPDATE sessions s SET data = CASE WHEN $4 THEN $2::jsonb ELSE (s.data - $3::text[]) || $2::jsonb END,
    cart_id = coalesce((SELECT id FROM carts WHERE id = $5 AND customer_id IS NULL), s.cart_id), user_agent = $6, ` + used + `
WHERE s.id = $1 AND live(s)` + fmt.Sprintf(newBrowser, "$6")

// UpdateSession implements session.Store.
func (s *Store) UpdateSession(ctx context.Context, id session.ID, c session.Change) (session.Touch, error) {
	gone := c.Removed
	if gone == nil {
		gone = []string{}
	}
	t := session.Touch{Recorded: true}
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
WHERE s.id = $1 AND live(s) AND s.last_used < statement_timestamp() - least(interval '60 s',
    s.idle / 30)` + fmt.Sprintf(newBrowser, "$2")

// TouchSession implements session.Store. Of concurrent calls, one writes.
func (s *Store) TouchSession(ctx context.Context, id session.ID, userAgent string) (session.Touch, error) {
	t := session.Touch{Recorded: true}
	err := s.pool.QueryRow(ctx, touchSession, id[:], userAgent).Scan(&t.NewBrowser)
	if errors.Is(err, pgx.ErrNoRows) {
		return session.Touch{}, nil
	}
	if err != nil {
		return session.Touch{}, fmt.Errorf("touch session: %w", err)
	}
	return t, nil
}

// tombstone is what ending changes, in an UPDATE of sessions s: the data goes immediately, the
// reason stays for a day.
const tombstone = `ended = statement_timestamp(), data = '{}', id_token = NULL,
    sweep_after = statement_timestamp() + interval '24 hours'`

// queueLatest locks a session and the one it went on as, and waits for the end of a rotation of
// either, so that the next statement of the batch finds the session it goes on as.
func queueLatest(b *pgx.Batch, id []byte) {
	b.Queue(`SELECT FROM sessions WHERE id = $1 FOR UPDATE`, id)
	b.Queue(`SELECT FROM sessions WHERE id = latest_session($1) FOR UPDATE`, id)
}

// endSession ends a session, or the one it went on as.
const endSession = `
UPDATE sessions s SET ended_reason = CASE WHEN s.customer_id IS NULL THEN 'forgotten' ELSE 'signed_out' END, ` + tombstone + `
FROM (SELECT id, id_token FROM sessions WHERE id = latest_session($1) FOR UPDATE) b
WHERE s.id = b.id AND s.ended IS NULL
RETURNING s.id, s.log_id, coalesce(b.id_token, ''), s.ended_reason`

// EndSession implements session.Store.
func (s *Store) EndSession(ctx context.Context, id session.ID) (e session.EndedRecord, err error) {
	err = s.batch(ctx, func(b *pgx.Batch) {
		queueLatest(b, id[:])
		b.Queue(endSession, id[:]).Query(func(rows pgx.Rows) error {
			var last []byte
			_, err := pgx.ForEachRow(rows, []any{&last, &e.LogID, &e.SealedToken, &e.Reason}, func() error {
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

// whyEnded is the reason that a session s which is not live has in its row, or else the limit that
// it passed first.
const whyEnded = `coalesce(s.ended_reason,
    CASE WHEN s.absolute_end <= s.last_used + s.idle THEN 'absolute' ELSE 'idle' END)`

// expired turns rows past a limit into tombstones that say when and why; %s narrows it to some of
// them.
const expired = `
UPDATE sessions s SET ended = session_end(s), data = '{}', id_token = NULL,
    ended_reason = ` + whyEnded + `,
    sweep_after = session_end(s) + interval '24 hours'
WHERE %s AND s.ended IS NULL AND NOT live(s)`

// ExpireSession implements session.Store.
func (s *Store) ExpireSession(ctx context.Context, id session.ID) (done bool, err error) {
	tag, err := s.pool.Exec(ctx, fmt.Sprintf(expired, "s.id = $1"), id[:])
	if err != nil {
		return false, fmt.Errorf("expire session: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// nilIfZero makes NULL of an id that is not there.
func nilIfZero(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
