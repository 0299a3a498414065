package session

import (
	"context"
	"time"

	"hookandtag.example/shop/internal/keyring"
)

// Owner returns the id of the signed-in owner. Ok is false if the visitor has no session, an
// anonymous one, or one that has ended.
func (m *Manager) Owner(ctx context.Context) (id int64, ok bool) {
	req := from(ctx)
	if !req.found.live || req.found.record.Owner == 0 {
		return 0, false
	}
	return req.found.record.Owner, true
}

// Ref returns the id of the application's record that the visitor's anonymous session keeps, such
// as a cart, or 0.
func (m *Manager) Ref(ctx context.Context) int64 {
	req := from(ctx)
	if req.plan.ref != 0 {
		return req.plan.ref
	}
	if !req.found.live {
		return 0
	}
	return req.found.record.Ref
}

// KeepRef records the id of an application's record in the anonymous session, and begins one if
// none is live. An owner's session keeps no Ref and does not change. KeepRef keeps nothing and
// returns ErrReadOnly if the request may not write, and ErrAnswered once the answer's header has
// left.
func (m *Manager) KeepRef(ctx context.Context, id int64) error {
	req := from(ctx)
	switch {
	case req.answered:
		return ErrAnswered
	case !req.writable():
		return ErrReadOnly
	case m.Ref(ctx) == id || req.found.live && req.found.record.Owner != 0:
		return nil
	}
	req.plan.ref, req.plan.replaces = id, ID{} // a session is replaced only to take over its Ref
	return nil
}

// Along returns what the store read for the application together with the session's row, even if
// the session has ended. It is nil if no row was found. Owner and Ref say whether the session is
// live.
func (m *Manager) Along(ctx context.Context) any { return from(ctx).found.record.Along }

// TagRefusal returns why the request's tag was refused, so that nobody can say whose session it is.
// It is "" if the request has no tag, or that of a session that is kept, live or ended.
func (m *Manager) TagRefusal(ctx context.Context) Refusal { return from(ctx).sent.tag.why }

// Ended describes the ended session whose tag a request carries.
type Ended struct {
	Reason Reason
	Ago    time.Duration
	Limit  time.Duration // for Idle and Absolute: the limit that ended it
	Owner  int64         // 0: it was anonymous
	Late   bool          // less than LateWindow ago, and not by a limit: the request can store nothing
}

// Ended returns how the session of the request's tag ended. Ok is false if the session is live or
// unknown. Tombstones are kept for 24 hours; after that the tag is unknown.
func (m *Manager) Ended(ctx context.Context) (e Ended, ok bool) {
	r := from(ctx).found.record
	if r.Ended == "" {
		return Ended{}, false
	}
	e = Ended{Reason: r.Ended, Ago: r.EndedAgo, Owner: r.Owner, Late: from(ctx).plan.outcome == late}
	switch e.Reason {
	case Idle:
		e.Limit = r.Idle
	case Absolute:
		e.Limit = r.Absolute
	}
	return e, true
}

// ClearEnded deletes the tag of an ended session, for the first page that says why it ended. It
// leaves the tag of a late request.
func (m *Manager) ClearEnded(ctx context.Context) {
	if req := from(ctx); req.found.record.Ended != "" {
		req.deleteTag()
	}
}

// FormToken returns the value that a signed-in owner's forms carry. It is derived from the session
// and not stored. It is "" if no owner is signed in.
func (m *Manager) FormToken(ctx context.Context) string {
	if _, ok := m.Owner(ctx); !ok {
		return ""
	}
	return m.config.Keys.MAC(keyring.FormToken, from(ctx).found.id.String()) // NIST 800-63B 5.1
}

// CheckFormToken reports whether a posted form token belongs to this session. It is true for every
// token if no owner is signed in.
func (m *Manager) CheckFormToken(ctx context.Context, token string) bool {
	if _, ok := m.Owner(ctx); !ok {
		return true
	}
	return m.config.Keys.CheckMAC(keyring.FormToken, from(ctx).found.id.String(), token) // NIST 800-63B 5.1
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
	req := from(ctx)
	if !req.found.live {
		return Info{}, false
	}
	r := req.found.record
	return Info{
		Handle: r.Handle, LogID: r.LogID, Created: r.Created, LastUsed: r.LastUsed, AuthTime: r.AuthTime,
		Idle: r.Idle, Absolute: r.Absolute, IdleLeft: req.idleLeft(), AbsoluteLeft: r.AbsoluteLeft,
	}, true
}
