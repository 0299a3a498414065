package session

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrReplayed says that a logout token was used before.
var ErrReplayed = errors.New("the logout token was used before")

// Logout holds the claims of a verified logout token (OIDC Back-Channel Logout 1.0, 2.4).
type Logout struct {
	Issuer   string
	Subject  string // "": the owner of session SID
	SID      string // the session at the provider; "": every session of the subject
	TokenID  string // jti
	IssuedAt time.Time
	Keep     time.Duration // how long the token could still be presented again
}

// EndByProvider ends the sessions a logout token names, on every replica, and returns how many it
// ended; zero is not an error. A sign-in in progress that the token names is refused. EndByProvider
// returns ErrReplayed for a token used before.
func (m *Manager) EndByProvider(ctx context.Context, l Logout) (ended int, err error) {
	if m.config.Logouts == nil {
		return 0, fmt.Errorf("session: Config.Logouts is not set: %w", errors.ErrUnsupported)
	}
	ctx, cancel := detached(ctx, 2*writeTimeout)
	defer cancel()
	logIDs, err := m.config.Logouts.EndByProvider(ctx, l) // OIDC Back-Channel Logout 1.0, 2.7
	m.observeEnded(ctx, logIDs, BackChannel)
	return len(logIDs), err
}
