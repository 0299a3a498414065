package session

import (
	"context"
	"errors"
	"time"
)

// Extend records a use of the session now, however recent the last recorded one is, for an owner who
// asks to stay: Info then reports the whole idle limit. It returns ErrEnded if no session is live, or
// the request may not count as a use.
func (m *Manager) Extend(ctx context.Context) error {
	st := from(ctx)
	if !st.found || !st.writable() {
		return ErrEnded
	}
	touched, err := m.store.UpdateSession(ctx, st.id,
		Change{Set: []byte("{}"), Replace: st.unread, UserAgent: st.userAgent})
	if errors.Is(err, ErrEnded) {
		st.late = true // whoever ended it decides on the cookie
	}
	if err != nil {
		return err
	}
	m.compareBrowser(ctx, st, touched)
	st.unread, st.touched, st.record.Stale, st.record.IdleLeft = false, touched, false, st.record.Idle
	return nil
}

// Passive marks the request as no use of the session (ASVS 7.3.1): a page asks by itself what is
// left, and nobody may be at the browser. Nothing is written for it.
func (m *Manager) Passive(ctx context.Context) { from(ctx).passive = true }

// idleLeft is what the idle limit leaves once the answer is out. A use that is due to be recorded
// is recorded just before the answer leaves.
func (st *state) idleLeft() time.Duration {
	if st.record.Stale && st.writable() {
		return st.record.Idle
	}
	return st.record.IdleLeft
}
