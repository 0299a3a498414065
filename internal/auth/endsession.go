package auth

import (
	"context"
	"strings"
	"time"
)

const (
	// maxHint is how long an ID token may be to be sent within a URL.
	maxHint = 6 << 10
	// endSessionWait is how long a sign-out, done here already, waits for a provider that is not known
	// yet.
	endSessionWait = 3 * time.Second
)

// EndSession returns the address at the provider at which the customer ends the session there, and
// which leads back to {BaseURL}/signed-out with state. Sign the customer out here first: what
// happens there is beyond us. ok is false when the provider has no such page or does not answer,
// and with LocalSignOut (OIDC RP-Initiated Logout 1.0 2).
func (p *Provider) EndSession(ctx context.Context, idToken, state string) (address string, ok bool) {
	if p.config.LocalSignOut {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, endSessionWait)
	defer cancel()
	m, err := p.responsive(ctx)
	if err != nil || m.endSession == nil {
		return "", false
	}
	end := *m.endSession
	query := end.Query()
	query.Set("client_id", p.config.ClientID)
	query.Set("post_logout_redirect_uri", strings.TrimSuffix(p.config.BaseURL, "/")+"/signed-out")
	if idToken != "" && len(idToken) <= maxHint {
		query.Set("id_token_hint", idToken)
	}
	if state != "" {
		query.Set("state", state)
	}
	end.RawQuery = query.Encode()
	return end.String(), true
}
