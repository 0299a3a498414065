package session

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"hookandtag.example/shop/internal/keyring"
)

// Owner returns the id of the signed-in owner. Ok is false if the visitor has no session, an
// anonymous one, or one that has ended.
func (m *Manager) Owner(ctx context.Context) (id int64, ok bool) {
	st := from(ctx)
	if !st.found || st.record.Owner == 0 {
		return 0, false
	}
	return st.record.Owner, true
}

// Ref returns the id of the application's record that the visitor's anonymous session keeps, such
// as a cart, or 0.
func (m *Manager) Ref(ctx context.Context) int64 {
	st := from(ctx)
	if st.ref != 0 {
		return st.ref
	}
	if !st.found {
		return 0
	}
	return st.record.Ref
}

// KeepRef records the id of an application's record in the anonymous session, and begins one if
// none is live. An owner's session keeps no Ref and does not change. KeepRef returns ErrLate, and
// keeps nothing, if the request's session ended less than LateWindow ago.
func (m *Manager) KeepRef(ctx context.Context, id int64) error {
	st := from(ctx)
	if !st.writable() {
		return ErrLate
	}
	if m.Ref(ctx) == id || st.found && st.record.Owner != 0 {
		return nil
	}
	st.ref = id
	return nil
}

// Along returns what the store read for the application together with the session's row, even if
// the session has ended. It is nil if no row was found. Owner and Ref say whether the session is
// live.
func (m *Manager) Along(ctx context.Context) any { return from(ctx).record.Along }

// Put keeps a value for the visitor's next requests, and begins an anonymous session if none is
// live. Concurrent requests that put different keys both keep their values. A sign-in drops all
// values. Keys that begin with "notice." are reserved for this package.
func (m *Manager) Put(ctx context.Context, key, value string) { m.bag.Put(ctx, key, value) }

// Get returns the value that Put kept, or "".
func (m *Manager) Get(ctx context.Context, key string) string { return m.bag.GetString(ctx, key) }

// TagForged reports whether the request's tag names one of our keys but has a wrong signature: a
// guess or an attack. A tag without a session, or with a key this replica lacks, is not forged: it
// may be old, or come from a replica that has a newer key.
func (m *Manager) TagForged(ctx context.Context) bool { return from(ctx).tag.why == refusedForged }

// Late reports whether the request carries the tag of a session that ended less than LateWindow
// ago. Such a request cannot store anything.
func (m *Manager) Late(ctx context.Context) bool { return from(ctx).late }

// ElsewherePrefix begins the key under which an owner's other sessions record that the owner signed
// in somewhere new (CS-24). A newer record replaces an older one that no page has shown yet.
const ElsewherePrefix = "notice.elsewhere."

// elsewhereKey returns a new key each time. The page that shows the notice removes the key it read,
// and so keeps a record of a later sign-in.
func elsewhereKey() string {
	return ElsewherePrefix + time.Now().UTC().Format("20060102T150405.000000000") + rand.Text()[:4]
}

// SignedInElsewhere reports whether the owner has signed in in another browser since the last call
// for this session, and forgets it. It reports nothing, and forgets nothing, for an ended session.
func (m *Manager) SignedInElsewhere(ctx context.Context) (elsewhere bool) {
	for _, k := range m.bag.Keys(ctx) {
		if strings.HasPrefix(k, ElsewherePrefix) {
			m.bag.Remove(ctx, k)
			elsewhere = true
		}
	}
	return elsewhere
}

// Ended describes the ended session whose tag a request carries.
type Ended struct {
	Reason Reason
	Ago    time.Duration
	Limit  time.Duration // for Idle and Absolute: the limit that ended it
	Owner  int64         // 0: it was anonymous
	Late   bool          // less than LateWindow ago
}

// Ended returns how the session of the request's tag ended. Ok is false if the session is live or
// unknown. Tombstones are kept for 24 hours; after that the tag is unknown.
func (m *Manager) Ended(ctx context.Context) (e Ended, ok bool) {
	st := from(ctx)
	if st.record.Ended == "" {
		return Ended{}, false
	}
	e = Ended{Reason: st.record.Ended, Ago: st.record.EndedAgo, Owner: st.record.Owner, Late: st.late}
	switch e.Reason {
	case Idle:
		e.Limit = st.record.Idle
	case Absolute:
		e.Limit = st.record.Absolute
	}
	return e, true
}

// ClearEnded deletes the tag of an ended session, for the first page that says why it ended. It
// leaves the tag of a late request.
func (m *Manager) ClearEnded(ctx context.Context) {
	st := from(ctx)
	st.clear = st.clear || st.record.Ended != "" && !st.late
}

// FormToken returns the value that a signed-in owner's forms carry (NIST 800-63B 5.1). It is
// derived from the session and not stored. It is "" if no owner is signed in.
func (m *Manager) FormToken(ctx context.Context) string {
	if _, ok := m.Owner(ctx); !ok {
		return ""
	}
	return m.config.Keys.MAC(keyring.FormToken, from(ctx).id.String())
}

// CheckFormToken reports whether a posted form token belongs to this session. It is true for every
// token if no owner is signed in.
func (m *Manager) CheckFormToken(ctx context.Context, token string) bool {
	if _, ok := m.Owner(ctx); !ok {
		return true
	}
	return m.config.Keys.CheckMAC(keyring.FormToken, from(ctx).id.String(), token)
}

// Info describes a live session to its visitor.
type Info struct {
	Handle   string // names it on the devices page
	LogID    string // names it in the log
	Created  time.Time
	LastUsed time.Time     // as recorded, before this request
	AuthTime time.Time     // of the owner; zero if anonymous or the provider did not say
	Idle     time.Duration // the idle limit at its begin
	Absolute time.Duration // the absolute limit at its begin
	// IdleLeft is what the idle limit leaves once this request's use is recorded, up to
	// min(60 s, idle/30) less than Idle. An answer of 5xx records no use.
	IdleLeft     time.Duration
	AbsoluteLeft time.Duration
}

// Info describes the live session. Ok is false if no session is live.
func (m *Manager) Info(ctx context.Context) (i Info, ok bool) {
	st := from(ctx)
	if !st.found {
		return Info{}, false
	}
	r := st.record
	return Info{
		Handle: r.Handle, LogID: r.LogID, Created: r.Created, LastUsed: r.LastUsed, AuthTime: r.AuthTime,
		Idle: r.Idle, Absolute: r.Absolute, IdleLeft: st.idleLeft(), AbsoluteLeft: r.AbsoluteLeft,
	}, true
}
