package session

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"hookandtag.example/shop/internal/fetchmetadata"
	"hookandtag.example/shop/internal/text"
)

// Handler gives every request its session and writes what changed before the first byte of the
// answer leaves.
//
// A visitor without stored values gets no session. A session that is only read is written at most
// once per min(60 s, idle/30), to record its use. In an outage Config.Unavailable answers, before
// the handler runs or in place of its answer.
func (m *Manager) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := m.load(r)
		if err != nil {
			m.config.Unavailable(w, r, err)
			return
		}
		r = r.WithContext(ctx)
		w.Header().Add("Vary", "Cookie")
		sw := &writer{ResponseWriter: w, before: w.Header().Clone()}
		sw.commit = func(status int) error { return m.save(ctx, w, status) }
		sw.fail = func(err error) { m.config.Unavailable(w, r, err) }
		next.ServeHTTP(sw, r)
		sw.finish()
	})
}

// load reads the tag and, if its signature is valid, its row.
func (m *Manager) load(r *http.Request) (context.Context, error) {
	st := &state{started: time.Now(), tag: m.readTag(r), client: m.client(r), userAgent: clean(r.UserAgent()),
		passive: speculative(r)}
	st.clear = st.tag.why == refusedForged || st.tag.why == refusedRepeated
	ctx, err := m.bag.Load(context.WithValue(r.Context(), stateKey{}, st), st.tag.token)
	if err != nil {
		return nil, err
	}
	if st.record.Ended != "" {
		return ctx, m.loadEnded(ctx, st)
	}
	return ctx, nil
}

// loadEnded handles the tag of an ended session.
func (m *Manager) loadEnded(ctx context.Context, st *state) error {
	anonymous := st.record.Owner == 0
	goesOn := anonymous && st.record.Ended == Absolute && st.record.IdleLeft > 0
	if goesOn && !st.record.Tombstone && st.record.Ref != 0 {
		st.replaces, st.ref, st.record = st.id, st.record.Ref,
			Record{LogID: st.record.LogID, Ref: st.record.Ref, Along: st.record.Along}
		return m.bag.RenewToken(ctx)
	}
	st.late = st.record.EndedAgo < LateWindow
	if st.record.Tombstone {
		m.observe(ctx, Event{Name: "session_use_after_expire", LogID: st.record.LogID, Reason: st.record.Ended})
		return nil
	}
	if st.passive {
		return nil
	}
	m.observe(ctx, Event{Name: "session_expired", LogID: st.record.LogID, Reason: st.record.Ended})
	return m.store.ExpireSession(ctx, st.id)
}

// save writes what the request changed, then sets the tag. It does so even if the client has
// disconnected.
func (m *Manager) save(ctx context.Context, w http.ResponseWriter, status int) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	st := from(ctx)
	if m.worthLogging(st, status) {
		m.observe(ctx, Event{Name: "session_tag_refused", Reason: st.tag.why})
	}
	if status < http.StatusInternalServerError && st.writable() {
		if err := m.write(ctx, st); err != nil {
			return err
		}
	}
	m.setTag(ctx, w, st)
	return nil
}

func (m *Manager) write(ctx context.Context, st *state) error {
	if m.bag.Status(ctx) == scs.Modified || st.ref != 0 {
		_, _, err := m.bag.Commit(ctx)
		if errors.Is(err, ErrEnded) {
			st.late = true // the request that ended it sets the cookie
			return nil
		}
		return err
	}
	switch {
	case !st.found || !st.record.Stale:
	case st.unread: // the write that is due repairs the row
		if err := m.Extend(ctx); !errors.Is(err, ErrEnded) {
			return err
		}
	default:
		m.touch(ctx, st)
	}
	return nil
}

// touch records the use. Concurrent touches of one session result in one write. A failure does not
// affect this answer, so it is only logged.
func (m *Manager) touch(ctx context.Context, st *state) {
	touched, err, _ := m.touches.Do(string(st.id[:]), func() (any, error) {
		touched, err := m.store.TouchSession(ctx, st.id, st.userAgent)
		m.compareBrowser(ctx, st, touched)
		return touched, err
	})
	if err != nil {
		m.config.Log.ErrorContext(ctx, "session use not recorded", slog.String("session", st.record.LogID),
			slog.String("cause", err.Error()))
		return
	}
	st.touched = touched.(Touch)
}

// compareBrowser logs that an owner's session is used from a different browser than before: a newer
// version or a thief's (ASVS 8.2.4). It does not end the session, because sensitive actions require
// reauthentication anyway.
func (m *Manager) compareBrowser(ctx context.Context, st *state, touched Touch) {
	if touched.NewBrowser && st.record.Owner != 0 {
		m.observe(ctx, Event{Name: "session_browser_changed", LogID: st.record.LogID})
	}
}

// worthLogging reports whether a refused tag is logged. The rate limiter already logs a flood of
// guesses. A tag that is unknown, or made with a key this replica lacks, is logged once per address
// and minute, because its browser sends it with every request.
func (m *Manager) worthLogging(st *state, status int) bool {
	switch st.tag.why {
	case "":
		return false
	case refusedUnknown, refusedForeign:
		return m.strays.first(st.client, time.Now())
	}
	return status != http.StatusTooManyRequests
}

// setTag sends at most one cookie: the new tag, the same one signed again or with a fresh Max-Age,
// or its deletion.
func (m *Manager) setTag(ctx context.Context, w http.ResponseWriter, st *state) {
	var c *http.Cookie
	switch {
	case st.late && !st.began:
		return
	case st.began:
		c = m.cookie(m.bag.Token(ctx), m.maxAge(st))
	case st.clear:
		c = m.cookie("", -1)
	case st.found && !st.passive &&
		(!st.tag.fresh && m.stillLive(ctx, st) || st.touched.Hit && st.record.Owner == 0):
		c = m.cookie(st.tag.token, m.maxAge(st))
	default:
		return
	}
	http.SetCookie(w, c)
	w.Header().Set("Cache-Control", "no-store") // ASVS 14.3.2: no cache may share a tag
}

// stillLive reports whether the session is still live before its tag is signed again: a sign-in
// that finished during this request has given the browser another tag.
func (m *Manager) stillLive(ctx context.Context, st *state) bool {
	if st.touched.Hit {
		return true
	}
	record, found, _ := m.store.FindSession(ctx, st.id) // found is false with an error
	return found && record.Ended == ""
}

// maxAge returns what the idle limit leaves of an anonymous session. The absolute limit does not
// count: after it the browser must still send the tag, so that a new session takes over its Ref. It
// returns 0 for an owner's session, because the owner can sign in again.
func (m *Manager) maxAge(st *state) time.Duration {
	if st.record.Owner != 0 {
		return 0
	}
	if st.touched.Hit {
		return st.record.Idle
	}
	return st.record.IdleLeft
}

// speculative reports whether the browser prefetches or prerenders the page. Such a load must not
// count as a use.
func speculative(r *http.Request) bool {
	return fetchmetadata.Speculative(r)
}

// clean reduces a User-Agent to at most 200 printable ASCII characters.
func clean(userAgent string) string {
	return text.ASCII(userAgent, 200, -1)
}
