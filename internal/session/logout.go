package session

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrReplayed says that a logout token was taken before.
var ErrReplayed = errors.New("this logout token was taken before")

// Logout is what a provider's verified logout token says (OIDC Back-Channel Logout 1.0, 2.4).
type Logout struct {
	Issuer   string
	Subject  string // "": whoever has the session at the provider
	SID      string // the session at the provider; "": every session of the subject
	TokenID  string // jti
	IssuedAt time.Time
	Keep     time.Duration // how long the token could still be presented again
}

// EndByProvider ends the sessions a logout token names, on every replica, and returns how many
// there were; none is no error. A sign-in that is under way meanwhile does not come through. It
// returns ErrReplayed for a token taken before.
func (m *Manager) EndByProvider(ctx context.Context, l Logout) (ended int, err error) {
	if m.config.Logouts == nil {
		return 0, fmt.Errorf("session: Config.Logouts is not set: %w", errors.ErrUnsupported)
	}
	logIDs, err := m.config.Logouts.EndByProvider(ctx, l)
	m.ended(ctx, logIDs, BackChannel)
	return len(logIDs), err
}
