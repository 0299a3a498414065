// Package provider is the OpenID provider of development and tests: two demo
// customers, a page on which strangers register, one client (the shop), and
// everything the shop relies on at a real provider. It signs the demo customers in
// with a password shown on its own page, so it must never be linked into the
// production binary.
//
// Parsing, validation and tokens are zitadel/oidc's; what that library leaves to
// its user is here: the login page and the provider's session, mandatory PKCE, the
// iss response parameter, logout with its confirmation, back-channel logout, keys
// that rotate and survive a restart.
//
// Signing keys and subject identifiers live in a directory. Everything else is in
// memory and ends with the process.
package provider

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// Defaults of Config.
const (
	DefaultShopURL      = "http://localhost:8080"
	DefaultClientID     = "shop"
	DefaultClientSecret = "shop-secret"
)

// How long things live. A code is good for one exchange within its minute
// (RFC 6749 4.1.2 allows ten at most).
const (
	sessionLifetime = 8 * time.Hour
	requestLifetime = 10 * time.Minute
	codeLifetime    = time.Minute
	tokenLifetime   = 5 * time.Minute
)

// Config says who the provider is and whom it serves.
type Config struct {
	// Issuer is the provider's own address: scheme and host, no path. Plain http is accepted.
	Issuer string
	// Dir keeps the signing keys. It is made if missing, for its owner only.
	Dir string
	// ShopURLs are the addresses the shop is reached at. Each registers <URL>/auth/callback for
	// sign-in and <URL>/signed-out for logout. None means DefaultShopURL.
	ShopURLs []string
	// BackchannelURL receives logout tokens. Without it none are sent.
	BackchannelURL string
	// BackchannelRoots are the authorities trusted at BackchannelURL; nil means the system's.
	BackchannelRoots *x509.CertPool
	// ClientID and ClientSecret are the shop's; empty means the defaults.
	ClientID, ClientSecret string
	// ClientKeys is a JSON Web Key Set: the shop's public keys, when it proves itself by
	// private_key_jwt. The secret opens nothing then.
	ClientKeys []byte
	// Log receives what happens, without codes, tokens or addresses. Nil discards it.
	Log *slog.Logger
	// Now is the clock for sessions, max_age, codes and tokens; nil is time.Now. The times
	// inside ID tokens other than auth_time are always the real ones.
	Now func() time.Time
}

// Provider is the running provider; it serves every one of its addresses.
type Provider struct {
	config   Config
	op       *op.Provider
	client   client
	keys     *keyStore
	memory   *memory
	demo     people
	log      *slog.Logger
	handler  http.Handler
	notifier *http.Client
}

// New makes a provider, reading its keys from config.Dir or creating them there.
func New(config Config) (*Provider, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("provider directory: %w", err)
	}
	keys, err := openKeys(config.Dir)
	if err != nil {
		return nil, err
	}
	people := demoCustomers()
	client, err := newClient(config)
	if err != nil {
		return nil, fmt.Errorf("client keys: %w", err)
	}
	p := &Provider{
		config: config, client: client, keys: keys, log: config.Log,
		memory: newMemory(config.Now, people), demo: people, notifier: newNotifier(config.BackchannelRoots),
	}
	if p.op, err = p.newOP(); err != nil {
		return nil, fmt.Errorf("set up provider: %w", err)
	}
	p.handler = p.routes()
	return p, nil
}

// ServeHTTP answers for the whole issuer: discovery, sign-in, tokens, keys, logout and pages.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.handler.ServeHTTP(w, r)
}

// RotateKeys makes a new signing key and signs with it from now on. The two keys before it stay
// published; what older ones signed no longer verifies.
func (p *Provider) RotateKeys() error {
	return p.keys.rotate()
}

// ErrNoSession says that the provider has no session of that name.
var ErrNoSession = errors.New("no such session at the provider")

// EndSession ends the provider session sid and notifies the shop, if it took part. It returns
// ErrNoSession for an unknown one, and an error when the shop did not accept the logout token:
// the session is over all the same.
func (p *Provider) EndSession(ctx context.Context, sid string) error {
	s, ok := p.memory.endSession(sid)
	if !ok {
		return ErrNoSession
	}
	return p.notify(ctx, s)
}

// EndSessions ends every provider session of the person with that e-mail address, as EndSession
// does, and says how many there were.
func (p *Provider) EndSessions(ctx context.Context, email string) (int, error) {
	var failures []error
	sids := p.memory.sessionsOf(email)
	for _, sid := range sids {
		if err := p.EndSession(ctx, sid); err != nil {
			failures = append(failures, err)
		}
	}
	return len(sids), errors.Join(failures...)
}

func (c Config) withDefaults() Config {
	if len(c.ShopURLs) == 0 {
		c.ShopURLs = []string{DefaultShopURL}
	}
	c.ClientID = cmp.Or(c.ClientID, DefaultClientID)
	c.ClientSecret = cmp.Or(c.ClientSecret, DefaultClientSecret)
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c Config) check() error {
	if c.Dir == "" {
		return errors.New("provider: no directory for keys")
	}
	for _, address := range append([]string{c.Issuer}, c.ShopURLs...) {
		u, err := url.Parse(address)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || address != origin(u) {
			return fmt.Errorf("provider: %q is not scheme and host alone", address)
		}
	}
	return nil
}

func (p *Provider) newOP() (*op.Provider, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, err
	}
	return op.NewProvider(
		&op.Config{
			CodeMethodS256:                    true,
			SupportedScopes:                   supportedScopes,
			SupportedClaims:                   supportedClaims,
			AuthMethodPrivateKeyJWT:           p.client.keys != nil,
			BackChannelLogoutSupported:        true,
			BackChannelLogoutSessionSupported: true,
		},
		&storage{client: p.client, keys: p.keys, memory: p.memory},
		op.StaticIssuer(p.config.Issuer),
		op.WithAllowInsecure(),
		// Without this the library also reads unauthenticated AES-CFB.
		op.WithCrypto(op.NewAES256GCMCrypto(key, "")),
		op.WithCORSOptions(nil),
		op.WithCustomEndpoints(op.NewEndpoint("authorize"), op.NewEndpoint("token"), op.NewEndpoint("userinfo"),
			op.NewEndpoint("revoke"), op.NewEndpoint("end_session"), op.NewEndpoint("keys")),
	)
}

func (p *Provider) routes() http.Handler {
	// Only this page's own forms may post here; /authorize and /end_session are meant to be
	// reached from other sites.
	own := http.NewCrossOriginProtection()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) { op.Keys(w, r, p.op.Storage()) })
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /authorize", p.authorize)
	mux.HandleFunc("GET /login", p.loginPage)
	mux.Handle("POST /login", own.Handler(http.HandlerFunc(p.login)))
	mux.HandleFunc("GET /register", p.registerPage)
	mux.Handle("POST /register", own.Handler(http.HandlerFunc(p.register)))
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	mux.HandleFunc("POST /userinfo", p.userinfo)
	mux.HandleFunc("GET /end_session", p.endSession)
	mux.HandleFunc("POST /end_session", p.endSession)
	mux.Handle("POST /end_session/confirm", own.Handler(http.HandlerFunc(p.confirmedEnd)))
	mux.HandleFunc("GET /signed-out", p.signedOutPage)
	mux.HandleFunc("GET /{$}", p.home)
	mux.HandleFunc("GET /style.css", styleSheet)
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	return p.withHeaders(mux)
}

// withHeaders bounds request bodies, sets the headers every answer carries, and passes the library
// its issuer.
func (p *Provider) withHeaders(next http.Handler) http.Handler {
	// Browsers apply form-action to where a form's answer redirects to, and that is the shop.
	policy := "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; " +
		"form-action 'self' " +
		strings.Join(p.config.ShopURLs, " ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		// Not no-referrer: that makes browsers send "Origin: null" with this page's own forms.
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r.WithContext(op.ContextWithIssuer(r.Context(), p.config.Issuer)))
	})
}

func origin(u *url.URL) string {
	return u.Scheme + "://" + u.Host
}
