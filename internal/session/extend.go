package session

import (
	"context"
	"errors"
)

// Extend records a use of the session now, however recent the last recorded one is, for an owner
// who asks to stay signed in. Info then reports the whole idle limit. Extend returns ErrEnded if no
// session is live, and ErrReadOnly if the request may not write.
func (m *Manager) Extend(ctx context.Context) error {
	req := from(ctx)
	switch {
	case !req.found.live: // ASVS 7.4.1
		return ErrEnded
	case !req.writable(): // ASVS 7.3.1
		return ErrReadOnly
	}
	ctx, cancel := detached(ctx, writeTimeout)
	defer cancel()
	err := m.update(ctx, req, Change{Set: []byte("{}"), Replace: req.found.unreadable})
	if errors.Is(err, ErrEnded) {
		req.markLate()
	}
	return err
}

// Passive marks the request as not a use of the session, for a request that a page makes by itself:
// the visitor may be away from the browser. Nothing is written at its end. SignIn, SignOut and the
// devices' methods take effect all the same.
func (m *Manager) Passive(ctx context.Context) { from(ctx).sent.passive = true } // ASVS 7.3.1
