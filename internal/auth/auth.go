// Package auth proves who a visitor is, with an OpenID Connect provider.
//
// Begin sends the browser to the provider and seals the attempt, by which the answer will be
// judged, in a cookie. Finish takes the browser's return: each attempt counts once, every claim
// that identifies or dates the authentication is checked, and the tokens are dropped, but for the
// ID token that a later sign-out shows the provider. Nothing here knows of sessions or carts.
package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/sync/singleflight"

	"hookandtag.example/shop/internal/keyring"
)

// Leeway is how far the provider's clock and ours may be apart, whatever is judged.
const Leeway = 60 * time.Second

// Config is what a Provider needs. The fields up to Used have no defaults.
type Config struct {
	// letter for letter as the provider's discovery document and tokens say it; at most 255 characters
	Issuer       string
	ClientID     string
	ClientSecret string     // sent as client_secret_basic; empty with a ClientKey
	ClientKey    *ClientKey // signs what is sent as private_key_jwt; nil with a ClientSecret
	BaseURL      string     // the shop's own address without a path; the callback is {BaseURL}/auth/callback
	// how old the customer's authentication at the provider may be: a second or more; 0: the provider
	// is not asked for its age
	MaxAge          time.Duration
	AttemptLifetime time.Duration // how long a visitor may take at the provider
	Keys            *keyring.Ring // seals the attempts
	Used            UsedAttempts

	Algorithms []string // that may sign tokens, asymmetric ones only; RS256 when empty (ASVS 9.1.2)
	// accepted authentication context classes, unless Begin names others;
	// none when empty
	ACR              []string
	InsecureProvider bool // accept a provider on plain http that is not on this machine
	InsecureCookies  bool // the browser reaches the shop over plain http and would not take Secure cookies
	LooseLogoutType  bool // take logout tokens whose typ is missing or JWT, too (ASVS 10.5.5 wants logout+jwt)
	LocalSignOut     bool // a sign-out here never leads to the provider
	PromptCreate     bool // the provider takes prompt=create, whatever its discovery document says

	TrustedAudiences []string      // which tokens may be for beside the shop (OIDC Core 3.1.3.7 (3))
	LogoutLife       time.Duration // how long a logout token may be good, and how old it may be; 10 minutes when 0

	HTTP *http.Client     // NewHTTPClient() when nil; any other is held to the same limits
	Now  func() time.Time // time.Now when nil
	Log  *slog.Logger     // logs discovery; silent when nil. It is never given a token, code, name or e-mail.
}

// UsedAttempts remembers which attempts have come back, for all replicas of the shop.
type UsedAttempts interface {
	// UseAttempt reports whether the attempt with this hash of its state is used for the first time,
	// and remembers it for at least the time given. Of any number of calls for one hash exactly one
	// reports true.
	UseAttempt(ctx context.Context, stateHash [32]byte, expires time.Duration) (first bool, err error)
}

// Provider is the OpenID provider as the shop sees it. It is safe for concurrent use.
type Provider struct {
	config   Config
	issuer   *url.URL
	keys     *keys
	known    atomic.Pointer[metadata] // the last discovery document; nil before discovery first succeeded
	discover singleflight.Group

	mu    sync.Mutex // guards the two below
	asked time.Time  // when the last discovery ended
	why   error      // and how it failed
}

// New checks the settings, all of them, and makes a Provider. It never contacts the provider: that
// may be down when the shop starts.
func New(c Config) (*Provider, error) {
	if c.HTTP == nil {
		c.HTTP = NewHTTPClient()
	} else {
		c.HTTP = bound(c.HTTP)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.LogoutLife == 0 {
		c.LogoutLife = DefaultLogoutLife
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = []string{oidc.RS256}
	}
	issuer, err := checkIssuer(c)
	if err := errors.Join(err, c.check()); err != nil {
		return nil, fmt.Errorf("sign-in settings: %w", err)
	}
	return &Provider{config: c, issuer: issuer, keys: newKeys(c)}, nil
}

// Algorithms are the accepted signature algorithms: all asymmetric, so that only the provider can
// sign. ASVS 9.1.2.
var Algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

func (c Config) check() error {
	var wrong []error
	refuse := func(when bool, text string) {
		if when {
			wrong = append(wrong, errors.New(text))
		}
	}
	base, err := url.Parse(c.BaseURL)
	refuse(err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"),
		"the shop's own address is not an http or https URL")
	refuse(err == nil && strings.Trim(base.Path, "/")+base.RawQuery+base.Fragment != "",
		"the shop's own address has more than scheme, host and port")
	refuse(c.ClientID == "", "no client id")
	refuse(c.ClientSecret == "" && c.ClientKey == nil, "no client secret and no client key")
	refuse(c.ClientSecret != "" && c.ClientKey != nil, "a client secret and a client key")
	refuse(c.MaxAge != 0 && c.MaxAge < time.Second, "the age of an authentication is limited to less than a second")
	refuse(c.LogoutLife < 0, "a logout token is good for less than no time")
	refuse(c.AttemptLifetime < time.Second, "an attempt lives less than a second")
	refuse(c.Keys == nil, "no keys to seal attempts with")
	refuse(c.Used == nil, "nowhere to remember used attempts")
	for _, a := range c.Algorithms {
		refuse(!slices.Contains(Algorithms, a), fmt.Sprintf("signature algorithm %q is unknown or not asymmetric", a))
	}
	return errors.Join(wrong...)
}

// Ready reports whether the provider has been reached at least once, so that a sign-in can start
// without asking it anything.
func (p *Provider) Ready() bool {
	return p.known.Load() != nil
}

// CreatesAccounts reports whether Begin may ask with the prompt "create": the provider says in its
// discovery document that it has a page for it, or Config does. It is false until the provider has
// been reached, and where Config asks for no auth_time: nothing would show then that the provider
// did not answer for the person before (OIDC Prompt Create 1.0 4.2).
func (p *Provider) CreatesAccounts() bool {
	m := p.known.Load()
	return m != nil && m.creates && p.config.MaxAge > 0
}

// callback is where the provider sends the browser back to.
func (p *Provider) callback() string {
	return strings.TrimSuffix(p.config.BaseURL, "/") + "/auth/callback"
}

// client puts the bounded HTTP client where go-oidc and oauth2 look for it.
func (p *Provider) client(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.config.HTTP)
}
