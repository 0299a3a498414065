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
// data, no e-mail. No list and no count takes longer because a table has grown.

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
	Ended      bool   // those that ended in the last 24 hours, too
	Limit      int    // 0: 100
	After      string // the handle of the session after which to go on
}

const (
	// listBatch sessions are read at once, and listMost are looked at for one list.
	listBatch = 1000
	listMost  = 10_000
)

const listSessions = `
SELECT handle, coalesce(customer_id, 0), created, last_used, session_end(s),
       CASE WHEN live(s) THEN NULL ELSE coalesce(ended, session_end(s)) END,
       CASE WHEN live(s) THEN '' ELSE ` + whyEnded + ` END
FROM sessions s
WHERE %s AND ($2 = '' OR (created, handle) < ($3, $2))
ORDER BY created DESC, handle DESC LIMIT $4`

// ListSessions returns sessions, the newest first, and the handle after which there may be more, ""
// when there are none. It looks at 10,000 sessions at most, so a page can be short or empty with
// more to come. It returns ErrNoSession where After names none.
func (s *Store) ListSessions(ctx context.Context, f SessionFilter) (listed []ListedSession, more string, err error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	last := ListedSession{Handle: f.After}
	if f.After != "" {
		err := s.pool.QueryRow(ctx, `SELECT created FROM sessions WHERE handle = $1`, f.After).Scan(&last.Created)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, "", ErrNoSession
		}
		if err != nil {
			return nil, "", fmt.Errorf("list sessions: %w", err)
		}
	}
	for range listMost / listBatch {
		batch, err := s.sessionsAfter(ctx, f.CustomerID, last)
		if err != nil {
			return nil, "", fmt.Errorf("list sessions: %w", err)
		}
		for _, last = range batch {
			if f.Ended || last.Ended == nil {
				listed = append(listed, last)
			}
			if len(listed) == f.Limit {
				return listed, last.Handle, nil
			}
		}
		if len(batch) < listBatch {
			return listed, "", nil
		}
	}
	return listed, last.Handle, nil
}

func (s *Store) sessionsAfter(ctx context.Context, customerID int64, last ListedSession) ([]ListedSession, error) {
	whose := `customer_id = $1`
	if customerID == 0 {
		whose = `$1::bigint = 0`
	}
	return choreRows[ListedSession](ctx, s, fmt.Sprintf(listSessions, whose), customerID, last.Handle, last.Created,
		listBatch)
}

// SessionCount is how many sessions there are of one kind in one state.
type SessionCount struct {
	SignedIn bool
	State    string // "live", or the reason it ended in the last 24 hours
	Count    int64
}

// countBlocks are the blocks of the table that are read to count: more are sampled.
const countBlocks = 4096

const countSessions = `
SELECT signed_in, state, count(*)
FROM (SELECT customer_id IS NOT NULL AS signed_in,
             CASE WHEN live(s) THEN 'live' ELSE ` + whyEnded + ` END AS state
      FROM sessions s TABLESAMPLE SYSTEM ($1)) each_one
GROUP BY signed_in, state ORDER BY signed_in DESC, state <> 'live', state`

// SessionStats counts sessions by kind and state. Of a table larger than 32 MiB it reads a random
// sample of that size: share is the part that was read, and the counts are estimates unless it is
// 1.
func (s *Store) SessionStats(ctx context.Context) (counts []SessionCount, share float64, err error) {
	var blocks int64
	err = s.pool.QueryRow(ctx, `SELECT pg_relation_size('sessions') / current_setting('block_size')::bigint`).Scan(&blocks)
	if err != nil {
		return nil, 0, fmt.Errorf("count sessions: %w", err)
	}
	share = min(1, float64(s.countBlocks)/float64(max(blocks, 1)))
	if counts, err = choreRows[SessionCount](ctx, s, countSessions, 100*share); err != nil {
		return nil, 0, fmt.Errorf("count sessions: %w", err)
	}
	for i := range counts {
		counts[i].Count = int64(float64(counts[i].Count)/share + 0.5)
	}
	return counts, share, nil
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
FROM customers c WHERE $1 = 0 OR c.id < $1 ORDER BY c.id DESC LIMIT $2`

// ListCustomers returns customers, the newest first, from the one before number after on, and
// whether there are more; after 0 means from the newest, limit 0 means 100.
func (s *Store) ListCustomers(ctx context.Context, after int64, limit int) (listed []ListedCustomer, more bool,
	err error) {
	if limit <= 0 {
		limit = 100
	}
	listed, err = choreRows[ListedCustomer](ctx, s, listCustomers, after, limit+1)
	if err != nil {
		return nil, false, fmt.Errorf("list customers: %w", err)
	}
	return listed[:min(limit, len(listed))], len(listed) > limit, nil
}
