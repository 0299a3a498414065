package session

import (
	"context"
	"time"

	"hookandtag.example/shop/internal/keyring"
)

// Authentication is what the provider says about the owner who signs in.
type Authentication struct {
	Issuer, Subject string // together they name the owner
	ProviderSID     string // the session at the provider, or ""
	// IssuedAt is when the provider said so, by its clock; zero: now, for an application that
	// authenticates the owner itself.
	IssuedAt time.Time
	// AuthTime is when the owner was authenticated, by the clock of IssuedAt. One after IssuedAt
	// counts as IssuedAt. It is zero if the provider did not say. Then the absolute limit counts
	// from the sign-in, and AuthenticatedWithin is false.
	AuthTime time.Time
	Begun    time.Time // when the sign-in began, by the application's clock; zero: with this request
	IDToken  string    // kept sealed, for the sign-out at the provider
	Work     any       // what the store does for the application in the same transaction
}

// SignIn makes the visitor the owner of a new session under a new token, ends the old one and does
// the application's Work in one transaction (ASVS 7.2.4, NIST 800-63B 5.1). If it returns an
// error, the store has changed nothing, unless the connection was lost while it committed. The
// visitor then keeps the tag and Ref; this request keeps no values and can put none. The errors are
// ErrLoggedOut, ErrSignedOut, ErrOvertaken, ErrStaleAuthentication, or those of the store and its
// Work.
//
// SignIn completes even if the client disconnects. It drops the values of the old session. Work may
// use its Ref. SignIn does nothing and returns ErrBegun if a session has begun in this request, and
// ErrAnswered once the answer's header has left.
func (m *Manager) SignIn(ctx context.Context, p Authentication) (SignedIn, error) {
	req := from(ctx)
	if req.answered {
		return SignedIn{}, ErrAnswered
	}
	if req.plan.outcome == began {
		return SignedIn{}, ErrBegun
	}
	done, err := m.signIn(ctx, req, p)
	if err != nil {
		req.close() // ASVS 2.3.3
	}
	return done, err
}

func (m *Manager) signIn(ctx context.Context, req *request, p Authentication) (SignedIn, error) {
	token, err := m.values.restart(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	in := m.signInRecord(req, identify(token), p)
	ctx, cancel := detached(ctx, 2*writeTimeout)
	defer cancel()
	done, err := m.config.Store.SignIn(ctx, in)
	if err != nil {
		return SignedIn{}, err
	}
	m.logSignIn(ctx, in, done)
	r := in.record()
	r.Owner, r.Along = done.Owner, done.Along
	r.AbsoluteLeft = in.Absolute - in.Age // NIST 800-63B 5.2
	if !in.NoAuthTime {
		r.AuthTime, r.AuthAge = time.Now().Add(-in.Age), in.Age
	}
	req.begin(in.ID, r, map[string]string{})
	return done, nil
}

// signInRecord returns what the store needs to sign the visitor in.
func (m *Manager) signInRecord(req *request, id ID, p Authentication) SignInRecord {
	n := m.newSession(req, id, map[string]string{})
	n.Idle, n.Absolute = m.config.Limits.Idle, m.config.Limits.Absolute
	begun := req.sent.at
	if !p.Begun.IsZero() && p.Begun.Before(begun) {
		begun = p.Begun
	}
	if p.IssuedAt.IsZero() {
		p.IssuedAt = time.Now()
	}
	in := SignInRecord{
		NewRecord: n, OldLive: req.found.live, BegunAgo: time.Since(begun), Work: p.Work, NoticeKey: elsewhereKey(),
		ProviderSID: p.ProviderSID, IssuedAt: p.IssuedAt, NoAuthTime: p.AuthTime.IsZero(),
		Old:         req.found.id,                                                        // ASVS 7.2.4
		Issuer:      p.Issuer,                                                            // ASVS 6.8.1
		Subject:     p.Subject,                                                           // ASVS 6.8.1
		SealedToken: m.config.Keys.Seal(keyring.IDToken, []byte(p.IDToken), id.String()), // ASVS 14.2.4
		PerOwner:    m.config.Limits.PerOwner,                                            // ASVS 7.1.2
	}
	if !in.NoAuthTime {
		in.Age = max(0, p.IssuedAt.Sub(p.AuthTime)) // ASVS 7.6.1: both by the provider's clock
	}
	return in
}

func (m *Manager) logSignIn(ctx context.Context, in SignInRecord, done SignedIn) {
	m.observeEnd(ctx, done.Replaced)
	m.observe(ctx, Event{Name: EventCreated, LogID: in.LogID})
	m.observeEnded(ctx, done.Excess, Excess) // ASVS 7.1.2
}

// SignOut ends the session, an owner's or an anonymous one, before it returns. The ID token is for
// the sign-out at the provider; it is "" if the session has none, or no key opens it any more. The
// answer deletes the tag, and nothing more is written for this request. A tag signed by a key that
// this process lacks is ErrForeign: another process ends its session. Signing out twice is not an
// error. If a sign-in replaced the session less than LateWindow ago, SignOut ends the session that
// replaced it.
func (m *Manager) SignOut(ctx context.Context) (idToken string, err error) {
	req := from(ctx)
	if req.sent.tag.why == ForeignTag {
		return "", ErrForeign
	}
	done, err := m.endSession(ctx, req)
	if err != nil {
		return "", err
	}
	m.values.clear(ctx)
	req.end(done)                                                                      // ASVS 7.4.1
	text, _ := m.config.Keys.Open(keyring.IDToken, done.SealedToken, done.ID.String()) // nil: no key opens it
	return string(text), nil
}

// endSession ends the live session, or its successor, whose cookie the browser may not have yet.
func (m *Manager) endSession(ctx context.Context, req *request) (EndedRecord, error) {
	r := req.found.record
	replaced := !req.plan.replaces.IsZero() || r.Ended == Rotated && req.plan.outcome == late
	if !req.found.live && !replaced {
		return EndedRecord{}, nil
	}
	ctx, cancel := detached(ctx, 2*writeTimeout)
	defer cancel()
	done, err := m.config.Store.EndSession(ctx, req.found.id) // ASVS 7.4.1
	m.observeEnd(ctx, done)
	return done, err
}
