package session

import (
	"cmp"
	"context"
	"log/slog"
	"time"
)

// The events of a session's life. A name is the OWASP Logging Vocabulary's where it has one.
const (
	EventCreated        = "session_created"
	EventBrowserChanged = "session_browser_changed" // an owner's session is used from a different browser
	EventExpired        = "session_expired"         // Reason is Idle or Absolute
	EventEnded          = "session_ended"           // for any other Reason
	EventUsedAfterEnd   = "session_use_after_expire"
	EventTagRefused     = "session_tag_refused"
)

// Event is one moment of a session's life.
type Event struct {
	Name    string  // one of the constants
	LogID   string  // the session's name in the log, or ""
	Reason  Reason  // why it ended, or ""
	Refusal Refusal // why its tag was refused, or ""
	// Repeated says that the event is not logged, because less than a minute ago one of this session
	// with this reason or refusal was logged for the same address: a browser sends its tag with every
	// request.
	Repeated bool
}

func (e Event) reason() string { return cmp.Or(string(e.Reason), string(e.Refusal)) }

// LogExpired logs a session the store's sweeper expired, so that its end is logged even if the
// browser never returns.
func (m *Manager) LogExpired(ctx context.Context, logID string, why Reason) {
	m.observe(ctx, Event{Name: EventExpired, LogID: logID, Reason: why})
}

// observeEnd logs the end of the session, if one ended.
func (m *Manager) observeEnd(ctx context.Context, e EndedRecord) {
	if !e.ID.IsZero() {
		m.observe(ctx, Event{Name: EventEnded, LogID: e.LogID, Reason: e.Reason})
	}
}

// observeEnded logs the sessions that a request ended other than its own.
func (m *Manager) observeEnded(ctx context.Context, logIDs []string, why Reason) {
	for _, id := range logIDs {
		m.observe(ctx, Event{Name: EventEnded, LogID: id, Reason: why})
	}
}

// observeOnce logs the event once per address, session and minute.
func (m *Manager) observeOnce(ctx context.Context, e Event) {
	e.Repeated = !m.logged.first(from(ctx).sent.client+" "+e.LogID+" "+e.reason(), time.Now())
	m.observe(ctx, e)
}

func (m *Manager) observe(ctx context.Context, e Event) {
	if !e.Repeated {
		m.config.Log.LogAttrs(ctx, slog.LevelInfo, "session event", slog.String("event", e.Name),
			slog.String("session", e.LogID), slog.String("reason", e.reason()))
	}
	if m.config.Observe != nil {
		m.config.Observe(ctx, e)
	}
}

func (m *Manager) logError(ctx context.Context, what string, r Record, err error) {
	m.config.Log.ErrorContext(ctx, what, slog.String("session", r.LogID), slog.String("error", err.Error()))
}
