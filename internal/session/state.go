package session

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/alexedwards/scs/v2"
)

// state is what one request knows of its session beside the bag. The middleware, the bag's store
// and the accessors share it.
type state struct {
	tag       tag
	id        ID
	found     bool              // a live row is behind the tag
	record    Record            // of the live or the ended session; zero when there is none
	base      map[string]string // the bag as it was loaded
	unread    bool              // the row's data could not be read
	userAgent string
	client    string // the address it comes from

	ref      int64         // remembered during this request
	replaces ID            // the session whose Ref goes on under a new tag
	signIn   *SignInRecord // during SignIn only
	signedIn SignedIn      // what SignIn did
	ended    EndedRecord   // what SignOut ended
	started  time.Time     // when the request began

	passive bool // a speculative load: nothing is written
	frozen  bool // the session is out of this request's hands: nothing is written any more
	late    bool // and the cookie is left alone
	clear   bool // the cookie is to be deleted
	began   bool // a session began in this request
	touched Touch
}

// writable reports whether anything may be written for this request.
func (st *state) writable() bool { return !st.frozen && !st.passive && !st.late }

type stateKey struct{}

func from(ctx context.Context) *state {
	st, _ := ctx.Value(stateKey{}).(*state)
	if st == nil {
		panic("session: this route is not behind Manager.Handler")
	}
	return st
}

// bagStore is the store scs sees. It has only the methods scs calls when a store takes a context.
type bagStore struct {
	scs.Store
	m *Manager
}

// FindCtx implements scs.CtxStore.
func (b bagStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	st := from(ctx)
	st.id = identify(token)
	record, exists, err := b.m.store.FindSession(ctx, st.id)
	if err != nil {
		return nil, false, err
	}
	if !exists {
		st.tag.why = refusedUnknown
		return nil, false, nil
	}
	st.record, st.found = record, record.Ended == ""
	if !st.found {
		return nil, false, nil
	}
	values, err := parse(record.Data)
	st.base, st.unread = values, err != nil
	return record.Data, true, nil
}

// CommitCtx implements scs.CtxStore: a sign-in, a change of the live session, or a new anonymous one.
func (b bagStore) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	st := from(ctx)
	if st.signIn != nil {
		return b.m.commitSignIn(ctx, st, identify(token), data)
	}
	if st.found {
		return b.m.commitChange(ctx, st, data)
	}
	return b.m.commitNew(ctx, st, identify(token), data)
}

// DeleteCtx implements scs.CtxStore. scs calls it to renew a token too: then the old session ends
// with the sign-in, or not at all.
func (b bagStore) DeleteCtx(ctx context.Context, _ string) error {
	st := from(ctx)
	// Theirs to end, too: what a Ref goes on as, and a session, while their browser may not have its tag yet.
	wentOn := !st.replaces.IsZero() || st.record.Ended == Rotated && st.late
	if st.signIn != nil || !st.found && !wentOn {
		return nil
	}
	why := SignedOut
	if st.record.Owner == 0 {
		why = Forgotten
	}
	ended, err := b.m.store.EndSession(ctx, st.id, why)
	if err != nil {
		return err
	}
	st.ended, st.replaces, st.ref = ended, ID{}, 0
	if ended.LogID != "" {
		b.m.observe(ctx, Event{Name: "session_ended", LogID: ended.LogID, Reason: why})
	}
	return nil
}

func (m *Manager) commitChange(ctx context.Context, st *state, data []byte) error {
	after, err := parse(data)
	if err != nil {
		return err
	}
	set, gone := change(st.base, after)
	if len(set) == 0 && len(gone) == 0 && st.ref == 0 {
		return nil // scs takes every Put for a change
	}
	encoded, err := encode(set)
	if err != nil {
		return err
	}
	touched, err := m.store.UpdateSession(ctx, st.id,
		Change{Set: encoded, Gone: gone, Replace: st.unread, Ref: st.ref, UserAgent: st.userAgent})
	if err != nil {
		return err
	}
	m.compareBrowser(ctx, st, touched)
	st.touched, st.base, st.unread, st.ref = touched, after, false, 0
	return nil
}

func (m *Manager) commitNew(ctx context.Context, st *state, id ID, data []byte) error {
	n := m.newSession(st, id, data)
	n.Idle, n.Absolute = m.config.Limits.AnonymousIdle, m.config.Limits.AnonymousAbsolute
	n.Ref, n.Replaces = st.ref, st.replaces
	if err := m.store.InsertSession(ctx, n); err != nil {
		return err
	}
	if !n.Replaces.IsZero() {
		m.observe(ctx, Event{Name: "session_ended", LogID: st.record.LogID, Reason: Rotated})
	}
	m.observe(ctx, Event{Name: "session_created", LogID: n.LogID})
	st.begin(n, Record{AbsoluteLeft: n.Absolute, Ref: n.Ref})
	return nil
}

// newSession is what every new session has, whoever it belongs to.
func (m *Manager) newSession(st *state, id ID, data []byte) NewRecord {
	return NewRecord{ID: id, Handle: newHandle(), LogID: m.logID(id), Data: data, UserAgent: st.userAgent}
}

// begin makes the new session the one this request goes on with.
func (st *state) begin(n NewRecord, r Record) {
	values, err := parse(n.Data)
	if err != nil {
		panic("session: a bag we encoded ourselves cannot be read: " + err.Error())
	}
	r.Data, r.Handle, r.LogID, r.Idle, r.IdleLeft, r.Absolute = n.Data, n.Handle, n.LogID, n.Idle, n.Idle, n.Absolute
	r.Created, r.LastUsed = time.Now(), time.Now()
	st.id, st.found, st.record, st.base = n.ID, true, r, values
	st.began, st.clear, st.ref, st.replaces = true, false, 0, ID{}
}

func (id ID) String() string { return hex.EncodeToString(id[:]) }
