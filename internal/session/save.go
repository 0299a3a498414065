package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// save writes what the request changed, then sets the tag. It does so even if the client has
// disconnected.
func (m *Manager) save(ctx context.Context, w http.ResponseWriter, status int) error {
	ctx = context.WithoutCancel(ctx) // ASVS 16.5.3
	req := from(ctx)
	req.answered = true
	m.observeRefusal(ctx, req, status)
	if status < http.StatusInternalServerError && req.writable() { // ASVS 16.5.3
		if err := m.write(ctx, req); err != nil {
			return err
		}
	}
	m.setTag(ctx, w, req)
	return nil
}

// write stores what changed, which also records a use. If nothing did, it records a use that is
// due.
func (m *Manager) write(ctx context.Context, req *request) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if m.values.changed(ctx) || req.plan.ref != 0 {
		err := m.values.commit(ctx)
		if errors.Is(err, ErrEnded) { // ASVS 7.4.1
			req.markLate()
			return nil
		}
		if err != nil {
			return err
		}
	}
	return m.recordUse(ctx, req)
}

// recordUse records a use of the session if it is due.
func (m *Manager) recordUse(ctx context.Context, req *request) error {
	switch {
	case !req.useDue():
	case req.found.unreadable: // the write that is due repairs the row
		if err := m.Extend(ctx); !errors.Is(err, ErrEnded) {
			return err
		}
	default:
		m.touch(ctx, req)
	}
	return nil
}

// commitValues changes the live session, or begins an anonymous one under the token. Data is the
// encoded values.
func (m *Manager) commitValues(ctx context.Context, token string, data []byte) error {
	after, err := decode(data)
	if err != nil {
		return err
	}
	if req := from(ctx); req.found.live {
		return m.commitChange(ctx, req, after)
	}
	return m.commitNew(ctx, identify(token), after)
}

func (m *Manager) commitChange(ctx context.Context, req *request, after map[string]string) error {
	set, gone := change(req.found.values, after)
	if len(set) == 0 && len(gone) == 0 && req.plan.ref == 0 {
		return nil // scs counts every Put as a change; write still records a use
	}
	c := Change{Set: encode(set), Removed: gone, Replace: req.found.unreadable, Ref: req.plan.ref}
	if err := m.update(ctx, req, c); err != nil {
		return err
	}
	req.found.values, req.plan.ref = after, 0
	return nil
}

// update changes the live session, which also records a use of it.
func (m *Manager) update(ctx context.Context, req *request, c Change) error {
	c.UserAgent = req.sent.userAgent
	touched, err := m.config.Store.UpdateSession(ctx, req.found.id, c)
	if err != nil {
		return err
	}
	m.compareBrowser(ctx, req, touched)
	req.found.touched, req.found.unreadable = touched, false
	req.found.record.Stale, req.found.record.IdleLeft = false, req.found.record.Idle
	return nil
}

func (m *Manager) commitNew(ctx context.Context, id ID, values map[string]string) error {
	req := from(ctx)
	n := m.newSession(req, id, values)
	n.Idle, n.Absolute = m.config.Limits.AnonymousIdle, m.config.Limits.AnonymousAbsolute
	n.Ref, n.Replaces = req.plan.ref, req.plan.replaces
	insert := req.plan.insert
	if insert == nil {
		insert = func(ctx context.Context, n NewRecord) (int64, error) {
			return n.Ref, m.config.Store.InsertSession(ctx, n)
		}
	}
	var err error
	if n.Ref, err = insert(ctx, n); err != nil {
		return err
	}
	if !n.Replaces.IsZero() {
		m.observe(ctx, Event{Name: EventEnded, LogID: req.found.record.LogID, Reason: Rotated})
	}
	m.observe(ctx, Event{Name: EventCreated, LogID: n.LogID})
	req.begin(id, n.record(), values)
	return nil
}

// newSession returns what every new session has, anonymous or not.
func (m *Manager) newSession(req *request, id ID, values map[string]string) NewRecord {
	return NewRecord{
		ID: id, Handle: newHandle(), LogID: newLogID(), Data: encode(values), UserAgent: req.sent.userAgent,
	}
}

// record returns the record of the session that has just begun.
func (n NewRecord) record() Record {
	return Record{
		Data: n.Data, Handle: n.Handle, LogID: n.LogID, Ref: n.Ref,
		Idle: n.Idle, Absolute: n.Absolute, AbsoluteLeft: n.Absolute,
	}
}

// touch records the use. Concurrent touches of one session result in one write, with the User-Agent
// of the first. A failure does not affect this answer, so it is only logged.
func (m *Manager) touch(ctx context.Context, req *request) {
	touched, err, _ := m.touches.Do(string(req.found.id[:]), func() (any, error) {
		touched, err := m.config.Store.TouchSession(ctx, req.found.id, req.sent.userAgent)
		m.compareBrowser(ctx, req, touched)
		return touched, err
	})
	if err != nil {
		m.logError(ctx, "session use not recorded", req.found.record, err)
		return
	}
	req.found.touched = touched.(Touch)
}

// compareBrowser logs that an owner's session is used from a different browser than before: a newer
// version or a thief's. It does not end the session, because sensitive actions require
// reauthentication anyway.
func (m *Manager) compareBrowser(ctx context.Context, req *request, touched Touch) {
	if touched.NewBrowser && req.found.record.Owner != 0 { // ASVS 8.2.4
		m.observe(ctx, Event{Name: EventBrowserChanged, LogID: req.found.record.LogID})
	}
}

// observeRefusal logs a refused tag. The rate limiter already logs a flood of guesses. A tag that
// is not deleted, or that is sent twice, is logged once per address and minute.
func (m *Manager) observeRefusal(ctx context.Context, req *request, status int) {
	e := Event{Name: EventTagRefused, Refusal: req.sent.tag.why}
	switch e.Refusal {
	case "":
	case UnknownTag, ForeignTag, UnsignedTag, RepeatedTag:
		m.observeOnce(ctx, e)
	default:
		if status != http.StatusTooManyRequests {
			m.observe(ctx, e)
		}
	}
}

// change returns what differs from the values in the row, so that concurrent requests that put
// different keys both keep their values.
func change(before, after map[string]string) (set map[string]string, gone []string) {
	set = make(map[string]string)
	for k, v := range after {
		if was, ok := before[k]; !ok || was != v {
			set[k] = v
		}
	}
	for k := range before {
		if _, ok := after[k]; !ok {
			gone = append(gone, k)
		}
	}
	return set, gone
}

func encode(values map[string]string) []byte {
	data, _ := json.Marshal(values) // a map of strings always encodes
	return data
}

// decode reads the values of a row. The map is usable even with an error, which says that the data
// is not an object of strings.
func decode(data []byte) (map[string]string, error) {
	values := make(map[string]string)
	if err := json.Unmarshal(data, &values); err != nil || values == nil {
		return make(map[string]string), fmt.Errorf("the data is not an object of strings")
	}
	return values, nil
}
