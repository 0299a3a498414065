package session

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/alexedwards/scs/v2"
)

// state is what one request knows about its session apart from the bag. The middleware, the bag's
// store and the accessors share it.
type state struct {
	tag       tag
	id        ID
	found     bool              // the tag names a live session
	record    Record            // of the live or the ended session, or zero
	base      map[string]string // the bag as it was loaded
	unread    bool              // the row's data could not be read
	userAgent string
	client    string // the address the request comes from

	ref      int64         // kept during this request
	replaces ID            // the session whose Ref a new one takes over
	signIn   *SignInRecord // during SignIn only
	signedIn SignedIn      // what SignIn did
	ended    EndedRecord   // what SignOut ended
	started  time.Time     // when the request began

	passive bool // a speculative load: nothing is written
	frozen  bool // after a sign-out or a failed sign-in: nothing more is written
	late    bool // the session ended less than LateWindow ago: nothing is written, the cookie stays
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
		panic("session: the route is not wrapped by Manager.Handler")
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

// CommitCtx implements scs.CtxStore. It signs in, changes the live session, or begins an anonymous
// one.
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

// DeleteCtx implements scs.CtxStore. scs also calls it to renew a token: then it does nothing,
// because the old session ends with the commit of the sign-in.
func (b bagStore) DeleteCtx(ctx context.Context, _ string) error {
	st := from(ctx)
	// The visitor may also end a session whose tag the browser has not received yet: the one that
	// takes over a Ref, or the one that replaced a late request's.
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
		return nil // scs counts every Put as a change
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

// newSession returns what every new session has, anonymous or not.
func (m *Manager) newSession(st *state, id ID, data []byte) NewRecord {
	return NewRecord{ID: id, Handle: newHandle(), LogID: m.logID(id), Data: data, UserAgent: st.userAgent}
}

// begin makes the new session the one of this request.
func (st *state) begin(n NewRecord, r Record) {
	values, err := parse(n.Data)
	if err != nil {
		panic("session: cannot decode the bag just encoded: " + err.Error())
	}
	r.Data, r.Handle, r.LogID, r.Idle, r.IdleLeft, r.Absolute = n.Data, n.Handle, n.LogID, n.Idle, n.Idle, n.Absolute
	r.Created, r.LastUsed = time.Now(), time.Now()
	st.id, st.found, st.record, st.base = n.ID, true, r, values
	st.began, st.clear, st.ref, st.replaces = true, false, 0, ID{}
}

func (id ID) String() string { return hex.EncodeToString(id[:]) }
