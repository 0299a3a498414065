package session

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"hookandtag.example/shop/internal/keyring"
)

// Owner returns who is signed in. Ok is false if nobody is: the visitor has no session, an anonymous
// one, or one that has ended.
func (m *Manager) Owner(ctx context.Context) (id int64, ok bool) {
	st := from(ctx)
	if !st.found || st.record.Owner == 0 {
		return 0, false
	}
	return st.record.Owner, true
}

// Ref returns the application's record that the visitor's anonymous session holds on to, such as a
// cart; 0 if there is none.
func (m *Manager) Ref(ctx context.Context) int64 {
	st := from(ctx)
	if st.ref != 0 {
		return st.ref
	}
	if !st.found {
		return 0
	}
	return st.record.Ref
}

// KeepRef lets the anonymous session hold on to a record of the application, and begins one if none
// is live. An owner's session holds none, and is left as it is. It returns ErrLate, and keeps
// nothing, if the request's own session ended less than LateWindow ago.
func (m *Manager) KeepRef(ctx context.Context, id int64) error {
	st := from(ctx)
	if !st.writable() {
		return ErrLate
	}
	if m.Ref(ctx) == id || st.found && st.record.Owner != 0 {
		return nil
	}
	st.ref = id
	return nil
}

// Along returns what the store read for the application with the session's row, also if the session
// has ended; nil if no row was found. Owner and Ref say whether the session is live.
func (m *Manager) Along(ctx context.Context) any { return from(ctx).record.Along }

// Put keeps a value for the visitor's next requests, and begins an anonymous session if none is live.
// Values of two requests that put different keys are both kept. A sign-in drops all values. Keys that
// begin with "notice." are this package's own.
func (m *Manager) Put(ctx context.Context, key, value string) { m.bag.Put(ctx, key, value) }

// Get returns the value that Put kept; "" if there is none.
func (m *Manager) Get(ctx context.Context, key string) string { return m.bag.GetString(ctx, key) }

// TagForged reports whether the request carried a tag with a wrong signature under a key of ours: a guess or an attack. A tag that
// no session is known by, or made with a key this replica lacks, is none: it may be old, or made by a replica that has a newer key.
func (m *Manager) TagForged(ctx context.Context) bool { return from(ctx).tag.why == refusedForged }

// Late reports whether the request carries the tag of a session that ended less than LateWindow ago. Nothing can be remembered for it.
func (m *Manager) Late(ctx context.Context) bool { return from(ctx).late }

// Notice is a sentence for the next page the visitor sees, and the word scripts know it by.
type Notice struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

const (
	noticePrefix = "notice."
	// maxNotices bounds what waits for a page that is never looked at; beyond it the oldest go.
	maxNotices = 8
)

// AddNotice keeps a notice for the next page. Every notice has a key of its own, so that two requests at once lose none.
// Without a session to keep it in, or with an ended one, it is dropped: answer such a visitor at once.
func (m *Manager) AddNotice(ctx context.Context, n Notice) {
	st := from(ctx)
	if !st.found && st.ref == 0 {
		return
	}
	for kept := m.noticeKeys(ctx); len(kept) >= maxNotices; kept = kept[1:] {
		m.bag.Remove(ctx, kept[0])
	}
	m.bag.Put(ctx, noticeKey(noticePrefix), n.encode())
}

// Elsewhere is the kind of the notice, without a text, that an owner's other sessions get when they sign in somewhere new (CS-24).
const Elsewhere = "elsewhere"

// ElsewherePrefix begins the keys of such notices: a newer one takes the place of those that nobody has read. It sorts behind the times that other keys
// have here, so that this is told last, and is the last to go when too many wait.
const ElsewherePrefix = noticePrefix + Elsewhere + "."

// noticeKey is a fresh one each time: a page that has told a notice forgets it with its answer, and must not forget one that has come since.
func noticeKey(prefix string) string {
	return prefix + time.Now().UTC().Format("20060102T150405.000000000") + rand.Text()[:4]
}

func (n Notice) encode() string {
	b, err := json.Marshal(n)
	if err != nil {
		panic("session: two strings always encode: " + err.Error())
	}
	return string(b)
}

// Notices returns the notices kept for this visitor, oldest first and of sign-ins elsewhere last, and forgets them.
func (m *Manager) Notices(ctx context.Context) []Notice {
	var notices []Notice
	for _, k := range m.noticeKeys(ctx) {
		var n Notice
		if err := json.Unmarshal([]byte(m.bag.PopString(ctx, k)), &n); err == nil {
			notices = append(notices, n)
		}
	}
	return notices
}

// noticeKeys are the keys of the notices kept, in the order in which they are told.
func (m *Manager) noticeKeys(ctx context.Context) []string {
	return slices.DeleteFunc(m.bag.Keys(ctx), func(k string) bool { return !strings.HasPrefix(k, noticePrefix) })
}

// Ended tells of the ended session whose tag a request carries.
type Ended struct {
	Reason Reason
	Ago    time.Duration
	Limit  time.Duration // the limit that ended it, of Idle and Absolute
	Owner  int64         // whose it was; 0: an anonymous session
	Late   bool          // less than LateWindow ago
}

// Ended returns how the session behind the request's tag ended; ok is false when it is live or unknown.
// Tombstones are kept for 24 hours; after that the tag is a stranger's.
func (m *Manager) Ended(ctx context.Context) (e Ended, ok bool) {
	st := from(ctx)
	if st.record.Ended == "" {
		return Ended{}, false
	}
	e = Ended{Reason: st.record.Ended, Ago: st.record.EndedAgo, Owner: st.record.Owner, Late: st.late}
	switch e.Reason {
	case Idle:
		e.Limit = st.record.Idle
	case Absolute:
		e.Limit = st.record.Absolute
	}
	return e, true
}

// ClearEnded deletes the tag of an ended session, for the first page that says why it ended. A late request's tag stays.
func (m *Manager) ClearEnded(ctx context.Context) {
	st := from(ctx)
	st.clear = st.clear || st.record.Ended != "" && !st.late
}

// FormToken returns the value that the forms of an owner who is signed in carry (NIST 800-63B 5.1), bound to the session and stored nowhere; "" when nobody is signed in.
func (m *Manager) FormToken(ctx context.Context) string {
	if _, ok := m.Owner(ctx); !ok {
		return ""
	}
	return m.config.Keys.MAC(keyring.FormToken, from(ctx).id.String())
}

// CheckFormToken reports whether a posted form token belongs to this session. Where nobody is signed in there is nothing to check.
func (m *Manager) CheckFormToken(ctx context.Context, token string) bool {
	if _, ok := m.Owner(ctx); !ok {
		return true
	}
	return m.config.Keys.CheckMAC(keyring.FormToken, from(ctx).id.String(), token)
}

// Info is what a visitor may know of their own session.
type Info struct {
	Handle       string // names it on the devices page
	LogID        string // names it in the log
	Created      time.Time
	LastUsed     time.Time     // as recorded, before this request
	AuthTime     time.Time     // when the owner was authenticated; zero if anonymous, and if the provider did not say
	Idle         time.Duration // the idle limit it was begun with
	Absolute     time.Duration // the absolute limit it was begun with
	IdleLeft     time.Duration // once this request's use is recorded, which an answer of 5xx does not do; up to min(60 s, idle/30) less than Idle
	AbsoluteLeft time.Duration
}

// Info returns what is known of the live session; ok is false when there is none.
func (m *Manager) Info(ctx context.Context) (i Info, ok bool) {
	st := from(ctx)
	if !st.found {
		return Info{}, false
	}
	r := st.record
	return Info{Handle: r.Handle, LogID: r.LogID, Created: r.Created, LastUsed: r.LastUsed, AuthTime: r.AuthTime, Idle: r.Idle, Absolute: r.Absolute, IdleLeft: st.idleLeft(), AbsoluteLeft: r.AbsoluteLeft}, true
}
