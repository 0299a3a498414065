package session

import (
	"context"
	"time"
)

// request is what one request knows of its session: what the browser sent, what the store holds
// for it, and what will be written.
type request struct {
	sent     sent
	found    found
	plan     plan
	answered bool // the answer's header has left: no cookie can follow
}

// sent is what the request brought.
type sent struct {
	tag       tag
	userAgent string // at most 200 printable ASCII characters
	client    string // the address it comes from
	at        time.Time
	passive   bool // it is not a use of the session: nothing is written for it
}

// found is the session of the request, as the store holds it.
type found struct {
	id         ID
	live       bool
	record     Record            // of the live or the ended session; zero if the tag names none
	values     map[string]string // in the row
	unreadable bool              // the row's values could not be read
	touched    Touch             // the use that this request has recorded
}

// plan is what the request will do.
type plan struct {
	outcome  outcome
	ref      int64  // the Ref to keep; 0: unchanged
	replaces ID     // the session whose Ref a new one takes over; or zero
	insert   Insert // writes the new session's row; nil: the store does
}

// outcome says what a request may write when its answer begins, and what becomes of the cookie:
//
//	            writes  cookie
//	unchanged   yes     stays, or is signed again
//	tagRefused  yes     is deleted
//	began       yes     is set to the new session's
//	closed      no      stays, or is signed again
//	ended       no      is deleted
//	late        no      stays, because a newer answer may have set it
//
// To write is to update the live session or record its use, or to begin an anonymous session if
// something is put and none is live, which makes the outcome began. At its end a passive request or
// an answer of 5xx writes nothing; Begin, Extend, SignIn, SignOut and the devices' methods have
// written immediately. Loading the tag of a session past its limit has made it a tombstone. The
// methods below are the only changes of an outcome.
type outcome int

const (
	unchanged  outcome = iota
	tagRefused         // the tag is forged, sent twice, or of an ended session whose end the page has explained
	began              // a session began with this request
	closed             // a sign-in failed, or a visitor without a session signed out
	ended              // the visitor signed out, or a sign-in failed with a tag to delete
	late               // the session ended less than LateWindow ago by another request, or during this one
)

// writable reports whether the request may write.
func (r *request) writable() bool {
	switch r.plan.outcome {
	case unchanged, tagRefused, began:
		return !r.sent.passive // ASVS 7.3.1
	}
	return false
}

// deleteTag deletes the cookie, unless a session begins.
func (r *request) deleteTag() {
	switch r.plan.outcome {
	case unchanged:
		r.plan.outcome = tagRefused
	case closed:
		r.plan.outcome = ended
	}
}

// begin makes the new session the one of this request.
func (r *request) begin(id ID, record Record, values map[string]string) {
	record.Created, record.LastUsed, record.IdleLeft = time.Now(), time.Now(), record.Idle
	r.found = found{id: id, live: true, record: record, values: values}
	r.plan = plan{outcome: began}
}

// close stops the request from writing anything more.
func (r *request) close() {
	switch r.plan.outcome {
	case unchanged, began:
		r.plan.outcome = closed
	case tagRefused:
		r.plan.outcome = ended
	}
}

// end notes that the visitor signed out. A late request that ended no session stays late.
func (r *request) end(done EndedRecord) {
	switch {
	case r.plan.outcome == late && done.ID.IsZero():
	case r.sent.tag.token == "" && r.sent.tag.why == "":
		r.plan.outcome = closed // the browser has no cookie
	default:
		r.plan.outcome = ended
	}
	r.found.live, r.found.record.Owner = false, 0
	r.plan.ref, r.plan.replaces = 0, ID{}
}

// markLate notes that this request cannot write any more, most likely because another one, which
// sets the cookie, ended the session. If this request began the session, its cookie is still sent,
// so that the next page says why it ended.
func (r *request) markLate() {
	if r.plan.outcome != began {
		r.plan.outcome = late
	}
}

// idleLeft returns what the idle limit leaves once the answer is sent. A use that is due is
// recorded just before that.
func (r *request) idleLeft() time.Duration {
	if r.found.record.Stale && r.writable() {
		return r.found.record.Idle
	}
	return r.found.record.IdleLeft
}

// useDue reports whether a use of the live session is to be recorded.
func (r *request) useDue() bool { return r.found.live && r.found.record.Stale }

type requestKey struct{}

func from(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	if r == nil {
		panic("session: the route is not wrapped by Manager.Handler")
	}
	return r
}
