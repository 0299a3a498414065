package main

import (
	"context"
	"io"
	"log/slog"
	"os/user"

	"hookandtag.example/shop/internal/session"
)

// operator is the flag of every command that changes what customers may do.
type operator struct {
	By string `placeholder:"NAME" help:"Who does this, for the audit line; the account that runs the command when empty."`
}

// The events of commands, named after the OWASP Logging Vocabulary where it has a name.
const (
	eventRevoked  = "session_revoked"
	eventDisabled = "user_disabled"
	eventEnabled  = "user_enabled"
	eventErased   = "user_erased"
)

// auditLog writes one JSON line for each such change: who, what, whom (ASVS 7.4.5, 16.2.1).
type auditLog struct{ log *slog.Logger }

func newAuditLog(w io.Writer) *auditLog { return &auditLog{slog.New(slog.NewJSONHandler(w, nil))} }

func (a *auditLog) write(ctx context.Context, o operator, event string, what ...slog.Attr) {
	by := o.By
	if by == "" {
		by = account()
	}
	a.log.LogAttrs(ctx, slog.LevelWarn, "operator",
		append([]slog.Attr{slog.String("event", event), slog.String("by", by)}, what...)...)
}

// expired writes the line of a session that a sweep found past a limit (ASVS 16.3.1).
func (a *auditLog) expired(ctx context.Context, logID string, why session.Reason) {
	a.log.LogAttrs(ctx, slog.LevelInfo, "session event", slog.String("event", session.EventExpired),
		slog.String("session", logID), slog.String("reason", string(why)))
}

func account() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return u.Username
}
