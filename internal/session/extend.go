package session

import (
	"context"
	"errors"
	"time"
)

// Extend records a use of the session now, however recent the last recorded one is, for an owner
// who asks to stay signed in. Info then reports the whole idle limit. Extend returns ErrEnded if no
// session is live, or the request may not count as a use.
func (m *Manager) Extend(ctx context.Context) error {
	st := from(ctx)
	if !st.found || !st.writable() {
		return ErrEnded
	}
	touched, err := m.store.UpdateSession(ctx, st.id,
		Change{Set: []byte("{}"), Replace: st.unread, UserAgent: st.userAgent})
	if errors.Is(err, ErrEnded) {
		st.late = true // the request that ended it sets the cookie
	}
	if err != nil {
		return err
	}
	m.compareBrowser(ctx, st, touched)
	st.unread, st.touched, st.record.Stale, st.record.IdleLeft = false, touched, false, st.record.Idle
	return nil
}

// Passive marks the request as not a use of the session (ASVS 7.3.1), for a request that a page
// makes by itself: the visitor may be away from the browser. Nothing is written for it.
func (m *Manager) Passive(ctx context.Context) { from(ctx).passive = true }

// idleLeft returns what the idle limit leaves once the answer is sent. A use that is due is
// recorded just before that.
func (st *state) idleLeft() time.Duration {
	if st.record.Stale && st.writable() {
		return st.record.Idle
	}
	return st.record.IdleLeft
}
