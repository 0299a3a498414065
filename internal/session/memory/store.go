// Package memory keeps sessions in the memory of one process: for examples, for tests and for
// programs that may lose them with a restart. It is the shortest complete session.Store, and keeps
// the same contract as the one for PostgreSQL (package sessiontest).
package memory

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"hookandtag.example/shop/internal/session"
)

// Store implements session.Store, session.DeviceStore, session.LogoutStore and auth.UsedAttempts.
// It is safe for concurrent use. Call Sweep regularly, or it grows. It does not bound its sessions,
// and never forgets an owner: limit how fast one address may begin sessions.
type Store struct {
	now func() time.Time

	mu     sync.Mutex
	rows   map[session.ID]*row
	owners map[identity]*owner
	taken  map[string]time.Time // what counts once, and when each may be forgotten
	marks  []mark
}

// New makes an empty Store with a clock, such as time.Now.
func New(now func() time.Time) *Store {
	return &Store{
		now: now, rows: map[session.ID]*row{}, owners: map[identity]*owner{}, taken: map[string]time.Time{},
	}
}

// row is a session, live or ended.
type row struct {
	session.NewRecord
	values   map[string]string // in place of Data
	created  time.Time
	lastUsed time.Time
	end      time.Time // the absolute limit
	ended    time.Time // zero: not ended, though a limit may have passed
	why      session.Reason
	next     session.ID // the session that replaced it, or zero
	signedIn *signedIn  // nil: anonymous
}

// signedIn is what only an owner's session has.
type signedIn struct {
	owner    int64
	issuer   string
	sid      string
	issued   time.Time
	authTime time.Time // zero: not known
	sealed   string
}

func (r *row) owner() int64 {
	if r.signedIn == nil {
		return 0
	}
	return r.signedIn.owner
}

func (r *row) idleEnd() time.Time { return r.lastUsed.Add(r.Idle) }

// live is the one predicate that says whether a session is live.
func (r *row) live(now time.Time) bool {
	return r.ended.IsZero() && now.Before(r.idleEnd()) && now.Before(r.end)
}

// pastLimit returns the limit that a session has passed, and when. Why is "" if the session is live
// or is a tombstone.
func (r *row) pastLimit(now time.Time) (at time.Time, why session.Reason) {
	switch {
	case !r.ended.IsZero() || r.live(now):
		return time.Time{}, ""
	case !r.end.After(r.idleEnd()):
		return r.end, session.Absolute
	}
	return r.idleEnd(), session.Idle
}

// close makes the session a tombstone.
func (r *row) close(at time.Time, why session.Reason) {
	r.ended, r.why, r.values, r.Ref = at, why, map[string]string{}, 0
	if r.signedIn != nil {
		r.signedIn.sealed = ""
	}
}

// stale reports whether the last recorded use is old enough to be worth a write.
func (r *row) stale(now time.Time) bool { return now.Sub(r.lastUsed) > min(time.Minute, r.Idle/30) }

func (r *row) use(now time.Time, userAgent string) session.Touch {
	t := session.Touch{Recorded: true, NewBrowser: r.UserAgent != "" && r.UserAgent != userAgent}
	r.lastUsed, r.UserAgent = now, userAgent
	return t
}

// FindSession implements session.Store. Record.Along is nil.
func (s *Store) FindSession(_ context.Context, id session.ID) (session.Record, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, now := s.rows[id], s.now()
	if r == nil {
		return session.Record{}, false, nil
	}
	data, err := json.Marshal(r.values)
	if err != nil {
		return session.Record{}, false, fmt.Errorf("find session: %w", err)
	}
	found := session.Record{
		Data: data, Handle: r.Handle, LogID: r.LogID, Owner: r.owner(), Ref: r.Ref,
		Created: r.created, LastUsed: r.lastUsed,
		Idle: r.Idle, Absolute: r.Absolute, IdleLeft: r.idleEnd().Sub(now), AbsoluteLeft: r.end.Sub(now),
		Stale: r.stale(now), Ended: r.why, Tombstone: !r.ended.IsZero(),
	}
	if r.signedIn != nil && !r.signedIn.authTime.IsZero() {
		found.AuthTime, found.AuthAge = r.signedIn.authTime, now.Sub(r.signedIn.authTime)
	}
	at := r.ended
	if limit, why := r.pastLimit(now); why != "" {
		at, found.Ended = limit, why
	}
	if found.Ended != "" {
		found.EndedAgo = now.Sub(at)
	}
	return found, true, nil
}

// InsertSession implements session.Store.
func (s *Store) InsertSession(_ context.Context, n session.NewRecord) error {
	values, err := parse(n.Data)
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if !n.Replaces.IsZero() {
		old := s.rows[n.Replaces]
		if old == nil || !old.ended.IsZero() || old.owner() != 0 || old.Ref != n.Ref {
			return session.ErrEnded
		}
		old.close(now, session.Rotated)
		old.next = n.ID
	}
	s.rows[n.ID] = newRow(n, values, now)
	return nil
}

func newRow(n session.NewRecord, values map[string]string, now time.Time) *row {
	n.Data = nil
	return &row{NewRecord: n, values: values, created: now, lastUsed: now, end: now.Add(n.Absolute)}
}

// UpdateSession implements session.Store.
func (s *Store) UpdateSession(_ context.Context, id session.ID, c session.Change) (session.Touch, error) {
	set, err := parse(c.Set)
	if err != nil {
		return session.Touch{}, fmt.Errorf("update session: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, now := s.rows[id], s.now()
	if r == nil || !r.live(now) {
		return session.Touch{}, session.ErrEnded
	}
	if c.Replace {
		clear(r.values)
	}
	for _, k := range c.Removed {
		delete(r.values, k)
	}
	maps.Copy(r.values, set)
	if c.Ref != 0 {
		r.Ref = c.Ref
	}
	return r.use(now, c.UserAgent), nil
}

// TouchSession implements session.Store.
func (s *Store) TouchSession(_ context.Context, id session.ID, userAgent string) (session.Touch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, now := s.rows[id], s.now()
	if r == nil || !r.live(now) || !r.stale(now) {
		return session.Touch{}, nil
	}
	return r.use(now, userAgent), nil
}

// EndSession implements session.Store.
func (s *Store) EndSession(_ context.Context, id session.ID) (session.EndedRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.latest(id)
	if r == nil || !r.ended.IsZero() {
		return session.EndedRecord{}, nil
	}
	e := session.EndedRecord{ID: r.ID, LogID: r.LogID}
	if r.signedIn != nil {
		e.SealedToken = r.signedIn.sealed
	}
	e.Reason = session.Forgotten
	if r.owner() != 0 {
		e.Reason = session.SignedOut
	}
	r.close(s.now(), e.Reason)
	return e, nil
}

// latest follows replacements from a session to the last one. It returns nil for an unknown id.
func (s *Store) latest(id session.ID) *row {
	r := s.rows[id]
	for r != nil && !r.next.IsZero() && s.rows[r.next] != nil {
		r = s.rows[r.next]
	}
	return r
}

// ExpireSession implements session.Store.
func (s *Store) ExpireSession(_ context.Context, id session.ID) (expired bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rows[id]
	if r == nil {
		return false, nil
	}
	at, why := r.pastLimit(s.now())
	if why == "" {
		return false, nil
	}
	r.close(at, why)
	return true, nil
}

// Sweep makes tombstones of the sessions past a limit, calls expired for each, and deletes
// tombstones older than 24 hours. Let expired call Manager.LogExpired.
func (s *Store) Sweep(expired func(logID string, why session.Reason)) {
	for _, r := range s.sweep() {
		expired(r.LogID, r.why)
	}
}

func (s *Store) sweep() (expired []row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for id, r := range s.rows {
		if !r.ended.IsZero() {
			if now.Sub(r.ended) >= 24*time.Hour {
				delete(s.rows, id)
			}
			continue
		}
		replaceable := r.owner() == 0 && r.Ref != 0 && now.Before(r.idleEnd()) // a new session takes its Ref over
		if at, why := r.pastLimit(now); why != "" && !replaceable {
			r.close(at, why)
			expired = append(expired, *r)
		}
	}
	maps.DeleteFunc(s.taken, func(_ string, until time.Time) bool { return !now.Before(until) })
	s.forgetMarks(now)
	return expired
}

func parse(data []byte) (map[string]string, error) {
	values := map[string]string{}
	if err := json.Unmarshal(data, &values); err != nil || values == nil {
		return nil, fmt.Errorf("the data is not an object of strings")
	}
	return values, nil
}

// withoutPrefix removes the keys that begin with prefix.
func withoutPrefix(values map[string]string, prefix string) {
	maps.DeleteFunc(values, func(k, _ string) bool { return strings.HasPrefix(k, prefix) })
}
