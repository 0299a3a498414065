package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hookandtag.example/shop/internal/session"
)

// Work is what a sign-in may do for the application: session.SignInRecord.Work is a Work or nil. It
// gets the owner and the Ref of the anonymous session, or 0, and returns
// session.SignedIn.Result. If it fails, the sign-in fails. It must not call the Store.
type Work func(owner, ref int64) (result any, err error)

// identity names an owner.
type identity struct{ issuer, subject string }

type owner struct {
	id        int64
	notBefore time.Time // authentications before this moment are refused; zero: all are accepted
}

// SignIn implements session.Store.
func (s *Store) SignIn(_ context.Context, in session.SignInRecord) (session.SignedIn, error) {
	values, err := parse(in.Data)
	if err != nil {
		return session.SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	o, err := s.admit(in, now)
	if err != nil {
		return session.SignedIn{}, err
	}
	old, err := s.judge(in, o, now)
	if err != nil {
		return session.SignedIn{}, err
	}
	done := session.SignedIn{Owner: o.id}
	if done.Result, err = work(in.Work, o, old); err != nil {
		return session.SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	s.owners[identity{in.Issuer, in.Subject}] = o
	goesOn := old != nil && old.owner() == o.id
	if old != nil {
		why := session.Rotated
		if was := old.owner(); was != 0 && was != o.id {
			why = session.SignedOut
		}
		old.close(now, why)
		old.next = in.ID
		done.Replaced = session.EndedRecord{ID: old.ID, LogID: old.LogID, Reason: why}
	}
	s.rows[in.ID] = newSignedIn(in, o, values, now)
	done.Excess = s.endExcess(o, in, now)
	if !goesOn {
		s.noteElsewhere(o, in, now)
	}
	return done, nil
}

// admit finds or makes the owner, and checks that they may sign in by this authentication.
func (s *Store) admit(in session.SignInRecord, now time.Time) (*owner, error) {
	if slices.ContainsFunc(s.marks, func(m mark) bool { return m.refuses(in, now) }) {
		return nil, session.ErrLoggedOut
	}
	o := s.owners[identity{in.Issuer, in.Subject}]
	if o == nil {
		return &owner{id: int64(len(s.owners)) + 1}, nil
	}
	if o.notBefore.After(now.Add(time.Second - in.Age)) { // ages come in whole seconds
		return nil, session.ErrStaleAuthentication
	}
	return o, nil
}

// judge returns the session that the sign-in replaces, or nil, and refuses the sign-in if that
// session was ended on purpose or replaced since the sign-in began.
func (s *Store) judge(in session.SignInRecord, o *owner, now time.Time) (*row, error) {
	old := s.latest(in.Old)
	if old == nil {
		return nil, nil
	}
	open := old.live(now) || old.owner() == 0 && old.ended.IsZero() && now.Before(old.idleEnd())
	followed := old.ID != in.Old
	changed := old.ended
	if changed.IsZero() {
		changed = s.rows[in.Old].ended
	}
	sinceBegun := in.OldLive || changed.After(now.Add(-in.BegunAgo))
	byChoice := []session.Reason{session.SignedOut, session.Revoked, session.BackChannel, session.Forgotten}
	switch {
	case !open && sinceBegun && slices.Contains(byChoice, old.why):
		return nil, session.ErrSignedOut
	case open && followed && sinceBegun:
		return nil, session.ErrOvertaken
	case !open || followed && old.owner() != o.id:
		return nil, nil
	}
	return old, nil
}

func work(do any, o *owner, old *row) (any, error) {
	var ref int64
	if old != nil {
		ref = old.Ref
	}
	switch do := do.(type) {
	case nil:
		return nil, nil
	case Work:
		return do(o.id, ref)
	}
	return nil, fmt.Errorf("the work is a %T, want a memory.Work", do)
}

func newSignedIn(in session.SignInRecord, o *owner, values map[string]string, now time.Time) *row {
	r := newRow(in.NewRecord, values, now)
	r.Ref, r.end = 0, now.Add(in.Absolute-in.Age)
	r.signedIn = &signedIn{
		owner: o.id, issuer: in.Issuer, sid: in.ProviderSID, issued: in.IssuedAt, sealed: in.SealedToken,
	}
	if !in.NoAuthTime {
		r.signedIn.authTime = now.Add(-in.Age)
	}
	return r
}

// endExcess ends the owner's oldest sessions beyond their number.
func (s *Store) endExcess(o *owner, in session.SignInRecord, now time.Time) (logIDs []string) {
	others := slices.DeleteFunc(s.liveOf(o.id, now), func(r *row) bool { return r.ID == in.ID })
	slices.SortFunc(others, func(a, b *row) int { return b.created.Compare(a.created) })
	for _, r := range others[min(in.PerOwner-1, len(others)):] {
		r.close(now, session.Excess)
		logIDs = append(logIDs, r.LogID)
	}
	return logIDs
}

// noteElsewhere puts the notice key into the owner's other sessions instead of older ones.
func (s *Store) noteElsewhere(o *owner, in session.SignInRecord, now time.Time) {
	for _, r := range s.liveOf(o.id, now) {
		if r.ID != in.ID && in.NoticeKey != "" {
			withoutPrefix(r.values, session.ElsewherePrefix)
			r.values[in.NoticeKey] = ""
		}
	}
}

// liveOf lists an owner's live sessions.
func (s *Store) liveOf(owner int64, now time.Time) (live []*row) {
	for _, r := range s.rows {
		if r.owner() == owner && r.live(now) {
			live = append(live, r)
		}
	}
	return live
}
