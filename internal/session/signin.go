package session

import (
	"context"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/keyring"
)

// Proof is what the provider proved of a customer.
type Proof struct {
	Identity    customer.Identity
	ProviderSID string // the provider's own session, "" when it names none
	IssuedAt    time.Time
	AuthTime    time.Time   // zero: the provider did not tell, so the absolute limit counts from here and nothing recent is proven
	Begun       time.Time   // when the visitor began the sign-in, by this shop's clock; zero: with this request
	IDToken     string      // kept sealed, for the sign-out at the provider
	Intent      cart.Intent // from which kind of page the sign-in came
}

// SignIn makes the visitor a customer: a new session under a new token, the old one ended, the anonymous cart claimed and merged, all in
// one transaction (ASVS 7.2.4, NIST 800-63B 5.1). When it returns an error nothing has changed and the visitor keeps tag and cart.
// The errors are customer.ErrDisabled, ErrLoggedOut, ErrSignedOut, ErrOvertaken, ErrStaleProof, or those of the store.
//
// Of the anonymous session only the cart goes on. Whatever else was put there, by whomever, stays behind.
func (m *Manager) SignIn(ctx context.Context, p Proof) (SignedIn, error) {
	st := from(ctx)
	begun := st.started
	if !p.Begun.IsZero() && p.Begun.Before(begun) {
		begun = p.Begun
	}
	st.signIn = &SignInRecord{
		Begun:    time.Since(begun),
		Identity: p.Identity, ProviderSID: p.ProviderSID, IssuedAt: p.IssuedAt, Unproven: p.AuthTime.IsZero(),
		SealedToken: p.IDToken, Intent: p.Intent, PerCustomer: m.config.Limits.PerCustomer,
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

// renew empties the bag, draws a new token and commits. scs would delete the old session first; ours ends with the commit.
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
	in.NoticeKey, in.Notice = noticeKey(ElsewherePrefix), Notice{Kind: Elsewhere}.encode()
	in.SealedToken = m.config.Keys.Seal(keyring.IDToken, []byte(in.SealedToken), id.String())
	done, err := m.store.SignIn(ctx, in)
	if err != nil {
		return err
	}
	if done.Replaced {
		why := Rotated
		if was := st.record.Customer.ID; was != 0 && was != done.Customer.ID {
			why = SignedOut
		}
		m.observe(ctx, Event{Name: "session_ended", LogID: st.record.LogID, Reason: why})
	}
	m.observe(ctx, Event{Name: "session_created", LogID: in.LogID})
	m.ended(ctx, done.Excess, Excess)
	st.signedIn, st.late = done, false
	r := Record{Customer: done.Customer, AbsoluteLeft: in.Absolute - in.Age, CartID: done.CartID, CartUnits: done.Units}
	if !in.Unproven {
		r.AuthTime, r.AuthAge = time.Now().Add(-in.Age), in.Age
	}
	st.begin(in.NewRecord, r)
	return nil
}

// SignOut ends the session before anything else happens and returns the ID token for the sign-out at the provider, "" when there is none that
// a key of ours still opens. The tag is deleted with the answer, and nothing more is written for this request. Signing out twice is no error.
// A session that a sign-in replaced less than LateWindow ago ends as the one it went on as.
func (m *Manager) SignOut(ctx context.Context) (idToken string, err error) {
	st := from(ctx)
	if err := m.bag.Destroy(ctx); err != nil {
		return "", err
	}
	st.frozen, st.clear = true, st.tag.raw != ""
	st.late = st.late && st.ended.ID.IsZero() // what a late request ends is the session that its tag went on as
	st.found, st.record.Customer = false, customer.Customer{}
	if text, err := m.config.Keys.Open(keyring.IDToken, st.ended.SealedToken, st.ended.ID.String()); err == nil {
		idToken = string(text)
	}
	st.ended = EndedRecord{}
	return idToken, nil
}

// Forget ends an anonymous session at once, for a shared computer. The caller closes the cart.
func (m *Manager) Forget(ctx context.Context) error {
	_, err := m.SignOut(ctx)
	return err
}
