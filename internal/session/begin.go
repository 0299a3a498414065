package session

import "context"

// Insert writes the row of a new anonymous session and, in the same transaction, the application's
// record that the session keeps. It returns that record's id. If it fails, it has written nothing.
// It must not call the Manager with its ctx: scs holds the request's values locked.
type Insert func(ctx context.Context, n NewRecord) (ref int64, err error)

// Begin begins an anonymous session immediately, with the row that insert writes instead of
// Store.InsertSession, so that the session and the first record it keeps cost one transaction. An
// error of insert is returned: no session has begun, and the request may go on to begin one. Begin
// calls insert at most once and completes even if the client disconnects.
//
// Begin returns ErrReadOnly if the request may not write, ErrAnswered once the answer's header has
// left, and ErrBegun if the request has a session or will take over the Ref of an expired one.
func (m *Manager) Begin(ctx context.Context, insert Insert) error {
	req := from(ctx)
	switch {
	case req.answered:
		return ErrAnswered
	case !req.writable():
		return ErrReadOnly
	case req.found.live || req.plan.ref != 0:
		return ErrBegun
	}
	req.plan.insert = insert
	defer func() { req.plan.insert = nil }()
	ctx, cancel := detached(ctx, writeTimeout)
	defer cancel()
	return m.values.commit(ctx)
}
