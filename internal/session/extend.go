package session

import (
	"context"
	"errors"
)

// Extend records a use of the session now, however recent the last recorded one is, for an owner
// who asks to stay signed in. Info then reports the whole idle limit. Extend returns ErrEnded if no
// session is live, or the request may not count as a use.
func (m *Manager) Extend(ctx context.Context) error {
	req := from(ctx)
	if !req.found.live || !req.writable() { // ASVS 7.3.1, 7.4.1
		return ErrEnded
	}
	err := m.update(ctx, req, Change{Set: []byte("{}"), Replace: req.found.unread})
	if errors.Is(err, ErrEnded) {
		req.lose()
	}
	return err
}

// Passive marks the request as not a use of the session, for a request that a page makes by itself:
// the visitor may be away from the browser. Nothing is written at its end. What SignIn, SignOut and
// the devices' methods take effect immediately.
func (m *Manager) Passive(ctx context.Context) { from(ctx).sent.passive = true } // ASVS 7.3.1
