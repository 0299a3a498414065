package session

import (
	"context"
	"maps"
	"net/http"
	"time"

	"hookandtag.example/shop/internal/fetchmetadata"
	"hookandtag.example/shop/internal/text"
)

// Handler gives every request its session and writes what changed before the first byte of the
// answer leaves.
//
// No session begins until something is stored. Reading one records at most one use per
// min(60 s, idle/30). In an outage Config.Unavailable answers, before the handler runs or instead
// of its answer. A route is wrapped once: a second Handler around it panics.
func (m *Manager) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := m.load(r)
		if err != nil {
			m.config.Unavailable(w, r, err) // ASVS 16.5.2
			return
		}
		r = r.WithContext(ctx)
		w.Header().Add("Vary", "Cookie") // RFC 9111 4.1
		sw := &writer{ResponseWriter: w, before: maps.Clone(w.Header())}
		sw.commit = func(status int) error { return m.save(ctx, w, status) }
		sw.fail = func(err error) { m.config.Unavailable(w, r, err) }
		next.ServeHTTP(sw, r)
		sw.finish()
	})
}

// load reads the tag and, if its signature is valid, its row.
func (m *Manager) load(r *http.Request) (context.Context, error) {
	if r.Context().Value(requestKey{}) != nil {
		panic("session: the route is wrapped by Manager.Handler twice")
	}
	req := &request{sent: sent{
		tag: m.readTag(r), client: m.client(r), at: time.Now(),
		userAgent: text.ASCII(r.UserAgent(), 200, -1), // ASVS 16.4.1
		passive:   fetchmetadata.Speculative(r),       // ASVS 7.3.1: a prefetched page is not seen yet
	}}
	if why := req.sent.tag.why; why == ForgedTag || why == RepeatedTag { // ASVS 7.2.1
		req.deleteTag()
	}
	ctx, err := m.values.load(context.WithValue(r.Context(), requestKey{}, req), req.sent.tag.token)
	if err != nil {
		return nil, err
	}
	if req.found.record.Ended != "" {
		m.loadEnded(ctx, req)
	}
	return ctx, nil
}

// findValues finds the session that a token names and returns its values, which scs decodes. Found
// is false if it is not live.
func (m *Manager) findValues(ctx context.Context, token string) (data []byte, found bool, err error) {
	req := from(ctx)
	req.found.id = identify(token)
	record, exists, err := m.config.Store.FindSession(ctx, req.found.id)
	if err != nil {
		return nil, false, err
	}
	if !exists {
		req.sent.tag.why = UnknownTag
		return nil, false, nil
	}
	req.found.record, req.found.live = record, record.Ended == "" // ASVS 7.4.1
	if !req.found.live {
		return nil, false, nil
	}
	if req.found.values, err = decode(record.Data); err != nil {
		req.found.unreadable = true
		m.logError(ctx, "session data dropped", record, err)
	}
	return record.Data, true, nil
}

// loadEnded handles the tag of an ended session. An anonymous session that only its absolute limit
// ended is replaced when the answer is sent, by one that keeps its Ref.
func (m *Manager) loadEnded(ctx context.Context, req *request) {
	r := req.found.record
	if r.Owner == 0 && r.Ref != 0 && r.IdleLeft > 0 && !r.Tombstone { // ASVS 7.4.1
		req.plan.replaces, req.plan.ref = req.found.id, r.Ref
		req.found.record = Record{LogID: r.LogID, Ref: r.Ref, Along: r.Along}
		return
	}
	if byLimit := r.Ended == Idle || r.Ended == Absolute; !byLimit && r.EndedAgo < LateWindow {
		req.markLate()
	}
	switch {
	case r.Tombstone:
		m.observeOnce(ctx, Event{Name: EventUsedAfterEnd, LogID: r.LogID, Reason: r.Ended})
	case !req.sent.passive:
		m.expire(ctx, req)
	}
}

// expire makes a tombstone of a session past its limit. A failure does not affect the answer, so it
// is only logged: another request or the sweeper does it later.
func (m *Manager) expire(ctx context.Context, req *request) {
	ctx, cancel := detached(ctx, writeTimeout)
	defer cancel()
	r := req.found.record
	expired, err := m.config.Store.ExpireSession(ctx, req.found.id)
	if err != nil {
		m.logError(ctx, "session end not recorded", r, err)
	}
	if expired { // of several requests at once, one logs it
		m.observe(ctx, Event{Name: EventExpired, LogID: r.LogID, Reason: r.Ended})
	}
}

// setTag sends at most one cookie: the new tag, the same one signed again or with a new Max-Age,
// or its deletion.
func (m *Manager) setTag(ctx context.Context, w http.ResponseWriter, req *request) {
	var c *http.Cookie
	switch req.plan.outcome {
	case began:
		c = m.cookie(m.values.token(ctx), m.maxAge(req))
	case tagRefused, ended:
		c = m.cookie("", -1) // ASVS 7.4.1
	case unchanged, closed:
		if !m.sendAgain(ctx, req) {
			return
		}
		c = m.cookie(req.sent.tag.token, m.maxAge(req))
	case late:
		return
	}
	http.SetCookie(w, c)
	w.Header().Set("Cache-Control", "no-store") // ASVS 14.3.2: no cache may share a tag
}

// sendAgain reports whether the tag is sent once more: an anonymous one with each recorded use, for
// its Max-Age, and one that an older key signed.
func (m *Manager) sendAgain(ctx context.Context, req *request) bool {
	if !req.found.live || req.sent.passive {
		return false
	}
	prolonged := req.found.touched.Recorded && req.found.record.Owner == 0
	return prolonged || !req.sent.tag.newestKey && m.stillLive(ctx, req)
}

// stillLive reports whether the session is still live before its tag is signed again: a sign-in
// that finished during this request has given the browser another tag. One that finishes between
// this query and the browser's receipt of the answer is not seen.
func (m *Manager) stillLive(ctx context.Context, req *request) bool {
	if req.found.touched.Recorded {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	record, found, _ := m.config.Store.FindSession(ctx, req.found.id) // found is false with an error
	return found && record.Ended == ""
}

// maxAge returns what the idle limit leaves of an anonymous session. The absolute limit does not
// count: after it the browser must still send the tag, so that a new session takes over its Ref. It
// returns 0 for an owner's session, because the owner can sign in again.
func (m *Manager) maxAge(req *request) time.Duration {
	if req.found.record.Owner != 0 { // NIST 800-63B 5.1
		return 0
	}
	if req.found.touched.Recorded {
		return req.found.record.Idle
	}
	return req.found.record.IdleLeft
}
