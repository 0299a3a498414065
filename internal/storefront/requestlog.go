package storefront

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"hookandtag.example/shop/internal/middleware"
)

// The security events of a request. A name is the OWASP Logging Vocabulary's where it has one.
const (
	EventSignedIn              = "authn_login_success"
	EventSignInFailed          = "authn_login_fail"
	EventProviderLogout        = "authn_backchannel_logout"
	EventProviderLogoutRefused = "authn_backchannel_logout_fail"
	EventForgedForm            = "malicious_csrf"
	EventEmbedded              = "malicious_embedding"
	EventTooMany               = "rate_limit_exceeded"
	EventOverloaded            = "overloaded"
)

// requestInfo is what the request log records about the request.
func requestInfo(ctx context.Context) *middleware.RequestInfo { return middleware.Info(ctx) }

func (s *Server) requestLogger() middleware.RequestLogger {
	return middleware.RequestLogger{Log: s.config.Log, Now: s.config.Now, Level: logLevel, Observe: s.config.Observe}
}

// logLevel is debug for probes that found all well: they come every few seconds and would bury the
// rest.
func logLevel(r middleware.RequestRecord, i *middleware.RequestInfo) slog.Level {
	switch {
	case errors.Is(i.Err, middleware.ErrSpeculative):
		return slog.LevelInfo
	case r.Status >= 500, i.Unavailable:
		return slog.LevelError
	case r.Event == EventSignedIn, r.Event == EventProviderLogout:
		return slog.LevelInfo
	case r.Event != "":
		return slog.LevelWarn
	case r.Status == http.StatusOK && (r.Route == "/healthz" || r.Route == "/readyz"):
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Round(time.Second) / time.Second)) }
