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
	IssuedAt        time.Time
	// AuthTime is zero if the provider did not say. Then the absolute limit counts from the
	// sign-in, and Fresh is false.
	AuthTime time.Time
	Begun    time.Time // when the sign-in began, by the application's clock; zero: with this request
	IDToken  string    // kept sealed, for the sign-out at the provider
	Work     any       // what the store does for the application in the same transaction
}

// SignIn makes the visitor the owner of a new session under a new token, ends the old one and does
// the application's Work in one transaction (ASVS 7.2.4, NIST 800-63B 5.1). If it returns an
// error, nothing has changed, and the visitor keeps the tag and Ref. The errors are ErrLoggedOut,
// ErrSignedOut, ErrOvertaken, ErrStaleAuthentication, or those of the store and its Work.
//
// SignIn drops the values of the anonymous session: someone else may have put them there. Work may
// use its Ref.
func (m *Manager) SignIn(ctx context.Context, p Authentication) (SignedIn, error) {
	st := from(ctx)
	begun := st.started
	if !p.Begun.IsZero() && p.Begun.Before(begun) {
		begun = p.Begun
	}
	st.signIn = &SignInRecord{
		Begun:  time.Since(begun),
		Issuer: p.Issuer, Subject: p.Subject, ProviderSID: p.ProviderSID, IssuedAt: p.IssuedAt,
		Unproven: p.AuthTime.IsZero(), SealedToken: p.IDToken, Work: p.Work, PerOwner: m.config.Limits.PerOwner,
	}
	if !p.AuthTime.IsZero() {
		st.signIn.Age = p.IssuedAt.Sub(p.AuthTime)
	}
	defer func() { st.signIn = nil }()
	if err := m.renew(ctx); err != nil {
		st.frozen = true
		return SignedIn{}, err
	}
	return st.signedIn, nil
}

// renew empties the bag, draws a new token and commits. The old session ends with the commit, not
// before it as in scs.
func (m *Manager) renew(ctx context.Context) error {
	if err := m.bag.Clear(ctx); err != nil {
		return err
	}
	if err := m.bag.RenewToken(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*commitTimeout)
	defer cancel()
	_, _, err := m.bag.Commit(ctx)
	return err
}

func (m *Manager) commitSignIn(ctx context.Context, st *state, id ID, data []byte) error {
	in := *st.signIn
	in.NewRecord = m.newSession(st, id, data)
	in.Idle, in.Absolute = m.config.Limits.Idle, m.config.Limits.Absolute
	in.Old, in.OldLive = st.id, st.found
	in.NoticeKey = elsewhereKey()
	in.SealedToken = m.config.Keys.Seal(keyring.IDToken, []byte(in.SealedToken), id.String())
	done, err := m.store.SignIn(ctx, in)
	if err != nil {
		return err
	}
	if done.Replaced {
		why := Rotated
		if was := st.record.Owner; was != 0 && was != done.Owner {
			why = SignedOut
		}
		m.observe(ctx, Event{Name: "session_ended", LogID: st.record.LogID, Reason: why})
	}
	m.observe(ctx, Event{Name: "session_created", LogID: in.LogID})
	m.ended(ctx, done.Excess, Excess)
	st.signedIn, st.late = done, false
	r := Record{Owner: done.Owner, AbsoluteLeft: in.Absolute - in.Age, Along: done.Along}
	if !in.Unproven {
		r.AuthTime, r.AuthAge = time.Now().Add(-in.Age), in.Age
	}
	st.begin(in.NewRecord, r)
	return nil
}

// SignOut ends the session before it returns. The ID token is for the sign-out at the provider; it
// is "" if the session has none, or no key opens it any more. The answer deletes the tag, and
// nothing more is written for this request. Signing out twice is not an error. If a sign-in
// replaced the session less than LateWindow ago, SignOut ends the session that replaced it.
func (m *Manager) SignOut(ctx context.Context) (idToken string, err error) {
	st := from(ctx)
	if err := m.bag.Destroy(ctx); err != nil {
		return "", err
	}
	st.frozen, st.clear = true, st.tag.raw != ""
	st.late = st.late && st.ended.ID.IsZero() // a late request ends the session that replaced its own
	st.found, st.record.Owner = false, 0
	if text, err := m.config.Keys.Open(keyring.IDToken, st.ended.SealedToken, st.ended.ID.String()); err == nil {
		idToken = string(text)
	}
	st.ended = EndedRecord{}
	return idToken, nil
}

// Forget ends an anonymous session at once, for a shared computer. The caller deletes the record
// that its Ref names.
func (m *Manager) Forget(ctx context.Context) error {
	_, err := m.SignOut(ctx)
	return err
}
