package session

import (
	"context"
	"errors"
	"time"
)

// Reason says why a session ended.
type Reason string

// The reasons a session can end for.
const (
	Idle        Reason = "idle"         // not used for too long
	Absolute    Reason = "absolute"     // the sign-in is too old
	SignedOut   Reason = "signed_out"   // by its owner, here
	Revoked     Reason = "revoked"      // from another device, or by an operator
	Excess      Reason = "excess"       // its owner had too many sessions, and this was the oldest
	BackChannel Reason = "back_channel" // by the provider
	Rotated     Reason = "rotated"      // replaced by one with a new tag
	Forgotten   Reason = "forgotten"    // an anonymous visitor asked to be forgotten
)

var (
	// ErrEnded says that a session ended before a change to it. Nothing was changed.
	ErrEnded = errors.New("the session has ended")
	// ErrAnswered says that the answer's header has left, so that no cookie can be sent any more.
	ErrAnswered = errors.New("the answer has begun")
	// ErrBegun says that the request has a session already, or has begun one.
	ErrBegun = errors.New("this request has a session already")
	// ErrReadOnly says that the request may not write: it is passive or late, or its session was
	// ended or a sign-in failed in it.
	ErrReadOnly = errors.New("this request may not write to its session")
	// ErrForeign says that the tag is signed by a key that this process lacks. Its session may live
	// on where the key is known.
	ErrForeign = errors.New("the tag is signed by a key that this process lacks")
	// ErrLoggedOut says that the provider ended the owner's session there during the sign-in.
	ErrLoggedOut = errors.New("signed out at the provider during the sign-in")
	// ErrSignedOut says that the visitor's session was ended on purpose during the sign-in.
	ErrSignedOut = errors.New("signed out here during the sign-in")
	// ErrOvertaken says that another sign-in from the same session finished first.
	ErrOvertaken = errors.New("another sign-in from this session came first")
	// ErrStaleAuthentication says that the owner's sessions were revoked after the authentication:
	// the owner must authenticate again.
	ErrStaleAuthentication = errors.New("sessions were revoked since the owner was authenticated")
)

// Store keeps sessions: the part of the contract that every program needs. It checks every limit by
// the store's clock, through one predicate. Errors other than the named ones mean that the store is
// unavailable, never that a session does not exist. Package sessiontest checks an implementation.
type Store interface {
	// FindSession returns the session and, as Record.Along, what every page of the application
	// needs with it, in one round trip. Found is false if no such row exists, and with an error.
	FindSession(ctx context.Context, id ID) (r Record, found bool, err error)
	// InsertSession begins an anonymous session. It returns ErrEnded if n.Replaces was
	// replaced already.
	InsertSession(ctx context.Context, n NewRecord) error
	// UpdateSession changes a live session and records a use of it, or returns ErrEnded. It never
	// revives a session.
	UpdateSession(ctx context.Context, id ID, c Change) (Touch, error)
	// TouchSession records a use of a live session whose last recorded use is older than
	// min(60 s, idle/30).
	TouchSession(ctx context.Context, id ID, userAgent string) (Touch, error)
	// EndSession makes a session that has not ended a tombstone, an owner's as SignedOut and an
	// anonymous one as Forgotten, and returns its record and sealed ID token. If the session was
	// replaced, EndSession ends the one that replaced it. Ending an ended session changes nothing
	// and is not an error.
	EndSession(ctx context.Context, id ID) (EndedRecord, error)
	// ExpireSession makes a tombstone of a session that has passed a limit and reports whether it
	// did: of several calls, one does.
	ExpireSession(ctx context.Context, id ID) (expired bool, err error)
	// SignIn finds or creates the owner that Issuer and Subject name, does the application's Work,
	// ends the old session and begins the new one, all or nothing. It returns ErrLoggedOut,
	// ErrSignedOut, ErrOvertaken, ErrStaleAuthentication or an error of the application if the
	// owner may not sign in.
	SignIn(ctx context.Context, s SignInRecord) (SignedIn, error)
}

// DeviceStore is the part of the contract that shows owners where they are signed in.
type DeviceStore interface {
	// Devices lists the live sessions of an owner, the last used first.
	Devices(ctx context.Context, owner int64) ([]Device, error)
	// EndDevice ends one live session of an owner as revoked, or the session that replaced it, and
	// returns its log id. It ends nothing and returns no log id if the handle names no session of the
	// owner, or keep or what replaced keep. In each case it refuses sign-ins of the owner by an older
	// authentication from now on.
	EndDevice(ctx context.Context, owner int64, handle string, keep ID) (logIDs []string, err error)
	// EndOtherDevices does the same to every live session of an owner except keep, or what replaced
	// it, and returns their log ids.
	EndOtherDevices(ctx context.Context, owner int64, keep ID) (logIDs []string, err error)
}

// LogoutStore is the part of the contract that lets a provider end sessions.
type LogoutStore interface {
	// EndByProvider ends the sessions a logout token names, as back_channel, and returns their log
	// ids. It records the token, and returns ErrReplayed and ends nothing for a token used before.
	// It refuses the sign-ins in progress that the token names when they finish.
	EndByProvider(ctx context.Context, l Logout) (logIDs []string, err error)
}

// EndedRecord is a session that just ended. The zero value means that none did.
type EndedRecord struct {
	ID          ID
	LogID       string
	SealedToken string // the sealed ID token, or ""
	Reason      Reason
}

// Record is a session as a request finds it.
type Record struct {
	Data         []byte // a JSON object: the values
	Handle       string
	LogID        string
	Owner        int64 // 0: anonymous
	Ref          int64 // the application's record that an anonymous session keeps, such as a cart; 0: none
	Created      time.Time
	LastUsed     time.Time
	AuthTime     time.Time     // by the store's clock; zero if anonymous or the provider did not say
	AuthAge      time.Duration // how long ago that was
	Idle         time.Duration // the idle limit at its begin
	Absolute     time.Duration // the absolute limit at its begin
	IdleLeft     time.Duration
	AbsoluteLeft time.Duration
	Stale        bool   // the last recorded use is older than min(60 s, idle/30)
	Along        any    // what the store read for the application in the same round trip; opaque here
	Ended        Reason // "": live
	EndedAgo     time.Duration
	Tombstone    bool // the end is recorded in the row
}

// NewRecord is what every new session has, and what an anonymous one has besides.
type NewRecord struct {
	ID        ID
	Handle    string
	LogID     string
	Data      []byte // a JSON object
	Idle      time.Duration
	Absolute  time.Duration // from now
	UserAgent string
	Ref       int64 // 0: none
	Replaces  ID    // the anonymous session past its absolute limit whose Ref this one takes over; or zero
}

// Change is what a request changed in its session.
type Change struct {
	Set       []byte   // a JSON object: values put or changed
	Removed   []string // values removed
	Replace   bool     // the row's data could not be read: Set replaces all of it
	Ref       int64    // 0: unchanged
	UserAgent string   // of the browser
}

// Touch is the result of recording a use.
type Touch struct {
	Recorded   bool // a row was written
	NewBrowser bool // the User-Agent differs from that of the use before
}

// SignInRecord is a new signed-in session and what it replaces.
type SignInRecord struct {
	NewRecord                     // Ref and Replaces are not used; Absolute counts from the authentication
	Old             ID            // the session the visitor signs in from, live or not; zero: none
	OldLive         bool          // it was live when the request began
	BegunAgo        time.Duration // how long ago the sign-in began
	Issuer, Subject string        // together they name the owner
	ProviderSID     string
	IssuedAt        time.Time     // of the ID token, by the provider's clock
	Age             time.Duration // how old the authentication was then (iat − auth_time, one clock)
	NoAuthTime      bool          // the provider did not say when, and Age is 0
	SealedToken     string        // the ID token, sealed
	Work            any           // what the application does in the same transaction; opaque here
	NoticeKey       string        // put into the owner's other sessions, unless Old is one of them; see ElsewherePrefix
	PerOwner        int
}

// SignedIn is the result of a sign-in.
type SignedIn struct {
	Owner  int64
	Along  any      // as FindSession would now return it with the record
	Result any      // what the application's Work returned; opaque here
	Excess []string // the log ids of the sessions that ended because they were too many
	// Replaced is the session whose place this one takes, without its token: Rotated, or SignedOut if
	// it was another owner's.
	Replaced EndedRecord
}
