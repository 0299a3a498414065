package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	josejson "github.com/go-jose/go-jose/v4/json"
)

const (
	// renewEvery is how long a discovery document is used before Run fetches it again.
	renewEvery = 10 * time.Minute
	// Run waits firstPause after a failed discovery and up to longestPause after further ones.
	firstPause   = time.Second
	longestPause = 30 * time.Second
	// visitorPause is how long after a failed discovery visitors get that failure instead of waiting
	// for one more.
	visitorPause = 2 * time.Second
	// heardFor is how long after a discovery browsers are sent to the provider without another one,
	// which may take answerWait.
	heardFor   = 10 * time.Second
	answerWait = 2 * time.Second
	// maxIssuer keeps an attempt's cookie within its size.
	maxIssuer = 255
)

// metadata is a provider's discovery document, checked.
type metadata struct {
	authorize   *url.URL
	token       *url.URL
	endSession  *url.URL // nil when the provider has none
	userInfo    *url.URL // nil when the provider has none
	namesItself bool     // every authorization response has an iss (RFC 9207 3)
	secretPost  bool     // a client secret goes into the form, because the provider offers nothing else
	creates     bool     // prompt=create leads to where a new account is made (OIDC Prompt Create 1.0 4.2)
	jwksURI     string
}

// Run keeps what is known of the provider up to date until ctx ends: with growing pauses while it
// cannot be reached, every 10 minutes afterwards. The last good document stays in use until
// the next one.
func (p *Provider) Run(ctx context.Context) {
	pause := firstPause
	for {
		err := p.learn(ctx)
		wait := renewEvery
		if err == nil {
			pause = firstPause
		} else {
			wait = pause + rand.N(pause/4)
			pause = min(2*pause, longestPause)
			p.config.Log.WarnContext(ctx, "provider cannot be used", "issuer", p.config.Issuer, "error", err, "retry_in", wait,
				"ready", p.Ready())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// current returns what is known of the provider, and asks it when nothing is.
func (p *Provider) current(ctx context.Context) (*metadata, error) {
	if m := p.known.Load(); m != nil {
		return m, nil
	}
	if err := p.failedLately(); err != nil {
		return nil, err
	}
	if err := p.learn(ctx); err != nil {
		return nil, err
	}
	return p.known.Load(), nil
}

// errNoAnswer says that nothing came back, not even an error.
var errNoAnswer = errors.New("no answer")

// responsive is current for a browser that is about to be sent to the provider. If the provider has
// not been heard of for a while it is asked first, so that nobody is sent to an address where
// nobody answers. Any answer counts, because the known document stays in use. A slow answer counts
// too, unless the request before got none.
func (p *Provider) responsive(ctx context.Context) (*metadata, error) {
	m, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	heard, last := p.lastHeard()
	pause := heardFor
	if last != nil {
		pause = visitorPause
	}
	if heard >= pause {
		ctx, cancel := context.WithTimeout(ctx, answerWait)
		defer cancel()
		if err := p.learn(ctx); ctx.Err() == nil {
			last = err
		}
	}
	if errors.Is(last, errNoAnswer) {
		return nil, last
	}
	return m, nil
}

// lastHeard returns how long ago the last discovery was, and how it failed.
func (p *Provider) lastHeard() (ago time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.config.Now().Sub(p.asked), p.why
}

func (p *Provider) failedLately() error {
	if ago, err := p.lastHeard(); ago < visitorPause {
		return err
	}
	return nil
}

// learn asks the provider about itself, once for all who wait. A caller that leaves does not stop
// it for the others.
func (p *Provider) learn(ctx context.Context) error {
	done := p.discover.DoChan("", func() (any, error) {
		err := p.publish(context.WithoutCancel(ctx))
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked, p.why = p.config.Now(), err
		return nil, err
	})
	select {
	case result := <-done:
		return result.Err
	case <-ctx.Done():
		return unavailable("discovery", ctx.Err())
	}
}

func (p *Provider) publish(ctx context.Context) error {
	m, err := p.read(ctx)
	if _, ok := errors.AsType[*url.Error](err); ok && !errors.Is(err, errTooLarge) {
		return fmt.Errorf("%w: %w", unavailable("discovery", err), errNoAnswer)
	}
	if err != nil {
		return unavailable("discovery", err)
	}
	before := p.known.Load()
	p.keys.setURL(m.jwksURI)
	p.known.Store(m)
	if before == nil {
		p.config.Log.InfoContext(ctx, "provider reached", "issuer", p.config.Issuer)
	}
	return nil
}

// document is what the shop reads of a discovery document (OIDC Discovery 1.0 3, RFC 8414 2, RFC
// 9207 3, OIDC Prompt Create 1.0 4.2).
type document struct {
	Issuer     string   `json:"issuer"`
	Authorize  string   `json:"authorization_endpoint"`
	Token      string   `json:"token_endpoint"`
	JWKS       string   `json:"jwks_uri"`
	UserInfo   string   `json:"userinfo_endpoint"`
	EndSession string   `json:"end_session_endpoint"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
	NamesIt    bool     `json:"authorization_response_iss_parameter_supported"`
	Prompts    []string `json:"prompt_values_supported"`
	Client     []string `json:"token_endpoint_auth_methods_supported"`
	ClientAlgs []string `json:"token_endpoint_auth_signing_alg_values_supported"`
}

// read fetches the discovery document. Its issuer has to be ours, letter for letter: go-oidc checks
// that by its own reading, which does not tell names by their case, and here it is checked by ours
// (ASVS 10.5.3).
func (p *Provider) read(ctx context.Context) (*metadata, error) {
	found, err := oidc.NewProvider(p.client(ctx), p.config.Issuer)
	if err != nil {
		return nil, err
	}
	var text json.RawMessage
	if err := found.Claims(&text); err != nil {
		return nil, err
	}
	var d document
	if err := josejson.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	if d.Issuer != p.config.Issuer {
		return nil, fmt.Errorf("the discovery document is of issuer %q", d.Issuer)
	}
	return p.check(ctx, d)
}

func (p *Provider) check(ctx context.Context, d document) (*metadata, error) {
	authorize, err := p.endpoint("authorization_endpoint", d.Authorize)
	token, err2 := p.endpoint("token_endpoint", d.Token)
	_, err3 := p.endpoint("jwks_uri", d.JWKS)
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	if !p.signsAsPinned(d.Algorithms) {
		return nil, fmt.Errorf("the provider signs with none of %q", p.config.Algorithms)
	}
	if k := p.config.ClientKey; k != nil && !k.accepted(d.Client, d.ClientAlgs) {
		return nil, fmt.Errorf("the provider says that it takes no private_key_jwt signed with %s", k.algorithm)
	}
	return &metadata{
		authorize: authorize, token: token, namesItself: d.NamesIt, jwksURI: d.JWKS,
		secretPost: slices.Contains(d.Client, "client_secret_post") && !slices.Contains(d.Client, "client_secret_basic"),
		creates:    p.config.PromptCreate || slices.Contains(d.Prompts, promptCreate),
		endSession: p.optional(ctx, "end_session_endpoint", d.EndSession),
		userInfo:   p.optional(ctx, "userinfo_endpoint", d.UserInfo),
	}, nil
}

// optional checks the URL of an endpoint that the shop can do without, and returns nil if it is
// unusable.
func (p *Provider) optional(ctx context.Context, name, raw string) *url.URL {
	if raw == "" {
		return nil
	}
	u, err := p.endpoint(name, raw)
	if err != nil {
		p.config.Log.WarnContext(ctx, "provider endpoint left out", "error", printable(err.Error()))
	}
	return u
}

func (p *Provider) signsAsPinned(listed []string) bool {
	return len(listed) == 0 ||
		slices.ContainsFunc(listed, func(a string) bool { return slices.Contains(p.config.Algorithms, a) })
}

// plainHost keeps a provider's text out of the syntax of the headers it is written to.
var plainHost = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(:[0-9]{1,5})?$`)

// endpoint checks a URL of the discovery document: absolute, to a plain host, and over TLS wherever
// the issuer is (ASVS 12.3.1).
func (p *Provider) endpoint(name, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Fragment != "" || !plainHost.MatchString(u.Host) {
		return nil, fmt.Errorf("%s %q is not a usable URL", name, raw)
	}
	if !p.config.allows(u, p.issuer.Scheme == "http") {
		return nil, fmt.Errorf("%s %q is not an https URL", name, raw)
	}
	return u, nil
}

// allows reports whether a URL of the provider may be used: https, or where plain is allowed http
// to this machine.
func (c Config) allows(u *url.URL, plain bool) bool {
	return u.Scheme == "https" || (u.Scheme == "http" && plain && (c.InsecureProvider || isLocal(u.Hostname())))
}

func checkIssuer(c Config) (*url.URL, error) {
	u, err := url.Parse(c.Issuer)
	switch {
	case err != nil || u.User != nil || u.Fragment != "" || u.RawQuery != "" || !plainHost.MatchString(u.Host):
		return nil, errors.New("the issuer is not a URL of scheme, host and path")
	case len(c.Issuer) > maxIssuer:
		return nil, fmt.Errorf("the issuer has more than %d characters", maxIssuer)
	case !c.allows(u, true):
		return nil, errors.New("the issuer is not an https URL")
	}
	return u, nil
}
