// Package session keeps what an application remembers between the requests of one browser.
//
// The browser carries the tag, a signed cookie that holds a random token. The store keeps one row
// under the token's hash. alexedwards/scs handles only the values of one request: it loads and
// encodes them, records whether they changed, and generates the tokens. When a session begins, what
// it may write and how it ends is decided here.
//
// Reading order: tag.go makes the cookie, request.go says what a request may write, scs.go has a
// diagram of one request from its cookie to the answer's, middleware.go and save.go are that
// request's two halves, writer.go puts the second one before the answer's header, signin.go,
// begin.go and extend.go are what takes effect immediately, and store.go is what a store promises
// and lists the reasons for which a session ends. The rest can wait: device.go and logout.go end
// sessions from elsewhere.
package session

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/singleflight"

	"hookandtag.example/shop/internal/keyring"
)

// Limits sets how long sessions live and how many an owner may have (ASVS 7.1.1, 7.1.2).
type Limits struct {
	// Idle ends an owner's session that is not used for this long (ASVS 7.3.1; NIST 800-63B 2.2.3:
	// at most 1 h).
	Idle time.Duration
	// Absolute ends an owner's session this long after the authentication (ASVS 7.3.2; NIST 800-63B
	// 2.2.3: at most 24 h).
	Absolute          time.Duration
	AnonymousIdle     time.Duration // Idle for an anonymous session
	AnonymousAbsolute time.Duration // after this long an anonymous session gets a new tag and keeps its Ref
	PerOwner          int           // a sign-in ends the owner's oldest sessions beyond this many
}

// DefaultLimits are the limits of a shop that does not set any.
var DefaultLimits = Limits{
	Idle:              30 * time.Minute,
	Absolute:          24 * time.Hour,
	AnonymousIdle:     30 * 24 * time.Hour,
	AnonymousAbsolute: 90 * 24 * time.Hour,
	PerOwner:          10,
}

// LateWindow is how long after the end of a session a request with its tag counts as late: sent
// before the browser received the answer that ended it. A late request writes no session and leaves
// the cookie alone, so that it cannot undo what a newer answer has set. No answer ends a session
// that passes a limit, so no request that comes after it is late for it.
const LateWindow = 60 * time.Second

// writeTimeout bounds one write, and a transaction takes at most twice as long.
const writeTimeout = 2 * time.Second

// detached returns a context for a write: it completes even if the client disconnects (ASVS
// 16.5.3).
func detached(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), limit)
}

// Config configures a Manager. Store, Keys, Limits and Unavailable are required.
type Config struct {
	Store    Store
	Keys     *keyring.Ring
	Limits   Limits
	Insecure bool // plain http: the tag is called "tag" and lacks Secure and the __Host- prefix
	Log      *slog.Logger

	Devices DeviceStore // nil: Manager.Devices, EndDevice and EndOtherDevices return errors.ErrUnsupported
	Logouts LogoutStore // nil: Manager.EndByProvider returns errors.ErrUnsupported

	// Client returns the address a request comes from, for what is logged once per address. If nil,
	// it is the host of RemoteAddr.
	Client func(*http.Request) string

	// Unavailable answers a request whose session could not be read or written: 503 with
	// Retry-After. The tag stays as it is. It must not ask the Manager for the session.
	Unavailable func(w http.ResponseWriter, r *http.Request, err error)

	// Observe, if set, is called with every event of a session's life. Like the handler of Log, it
	// must not call the Manager with its ctx: scs may hold the request's values locked.
	Observe func(context.Context, Event)
}

// Manager gives each request its session. It is safe for concurrent use; the values of one request
// belong to that request's goroutine.
type Manager struct {
	config  Config
	values  values
	touches singleflight.Group
	logged  recent // what was logged of whom
}

// New makes a Manager.
func New(c Config) (*Manager, error) {
	if c.Store == nil || c.Keys == nil || c.Unavailable == nil {
		return nil, fmt.Errorf("session: Config needs Store, Keys and Unavailable")
	}
	if c.Limits.Idle <= 0 || c.Limits.Absolute <= 0 || c.Limits.AnonymousIdle <= 0 || // ASVS 7.1.1
		c.Limits.AnonymousAbsolute <= 0 || c.Limits.PerOwner < 1 { // ASVS 7.1.2
		return nil, fmt.Errorf("session: every limit must be above zero: %+v", c.Limits)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	m := &Manager{config: c}
	m.values = newValues(m)
	return m, nil
}
