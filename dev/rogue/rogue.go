// Package rogue is an OpenID provider for tests. It does everything right until its Script says
// otherwise, one deviation at a time, and records every request it gets. It shows no pages: a
// browser that comes to its authorization endpoint is signed in immediately.
package rogue

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The client that the provider knows. Its secret has the characters that client_secret_basic must
// escape. // RFC 6749 2.3.1
const (
	ClientID     = "shop"
	ClientSecret = "shop+secret:with %41 and ä/=&"
)

// The endpoints' paths.
const (
	DiscoveryPath  = "/.well-known/openid-configuration"
	KeysPath       = "/keys"
	AuthorizePath  = "/authorize"
	TokenPath      = "/token"
	UserInfoPath   = "/userinfo"
	EndSessionPath = "/end-session"
)

// Where a token with the signature Brought says that its key is. Nobody has reason to go there.
const (
	BroughtKeysPath        = "/brought/keys"
	BroughtCertificatePath = "/brought/certificate"
)

// Provider is the rogue provider. It is an http.Handler and safe for concurrent use; the exported
// fields are set before the first request.
type Provider struct {
	Issuer string
	Now    func() time.Time // time.Now when nil
	Client

	mu       sync.Mutex
	script   Script
	requests []Request
	grants
	keys       []key
	assertions map[string]bool // that were used, by their jti
}

// Client is what the provider knows about the client besides id and secret.
type Client struct {
	Redirects    []string            // redirect URIs that are registered; any when empty
	ClientKeys   *jose.JSONWebKeySet // of one that proves itself by private_key_jwt; nil for one with ClientSecret
	SecretInForm bool                // it sends its secret as client_secret_post, and in no other way
}

// grants are the open authorizations.
type grants struct {
	codes, access map[string]*grant // by the code and by the access token
	sessions      int               // so many have been given
}

// grant is one open authorization.
type grant struct {
	query   url.Values // of the authorization request
	subject string
	sid     string
	auth    time.Time
}

// Request is one that the provider got.
type Request struct {
	Method, Path string
	Query, Form  url.Values
	Header       http.Header
}

// New makes a provider that calls itself issuer. Mount it as the root of that origin.
func New(issuer string) *Provider {
	return &Provider{Issuer: issuer, grants: grants{codes: map[string]*grant{}, access: map[string]*grant{}},
		assertions: map[string]bool{}, keys: []key{newKey(0)}}
}

// Start serves a provider on a loopback address until the test ends.
func Start(t testing.TB) *Provider {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	p := New("http://" + server.Listener.Addr().String())
	server.Config.Handler = p
	server.Start()
	t.Cleanup(server.Close)
	return p
}

// Follow replaces the script. The zero Script is a provider without fault.
func (p *Provider) Follow(s Script) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script = s
}

// Requests returns what the provider got at a path, or everywhere when path is "", the oldest
// first.
func (p *Provider) Requests(path string) []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	var got []Request
	for _, r := range p.requests {
		if path == "" || r.Path == path {
			got = append(got, r)
		}
	}
	return got
}

// Forget drops the record of requests.
func (p *Provider) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = nil
}

// Rotate makes a new signing key. The old ones stay published if keep is true.
func (p *Provider) Rotate(keep bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := newKey(p.keys[len(p.keys)-1].number + 1)
	if !keep {
		p.keys = nil
	}
	p.keys = append(p.keys, next)
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.ParseForm() // a body that is no form is recorded as none
	p.mu.Lock()
	p.requests = append(p.requests,
		Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Form: r.PostForm, Header: r.Header.Clone()})
	script := p.script
	p.mu.Unlock()
	if answer, faulty := script.Answers[r.URL.Path]; faulty && answer.write(w, r) {
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	switch r.URL.Path {
	case DiscoveryPath:
		p.serveDiscovery(w, script)
	case KeysPath:
		p.serveKeys(w, script)
	case AuthorizePath:
		p.serveAuthorize(w, r, script)
	case TokenPath:
		p.serveToken(w, r, script)
	case UserInfoPath:
		p.serveUserInfo(w, r, script)
	case EndSessionPath:
		p.serveEndSession(w, r)
	case BroughtKeysPath:
		writeJSON(w, http.StatusOK, keySet([]key{newKey(foreign)}))
	default:
		http.NotFound(w, r)
	}
}

// redirects reports whether a redirect URI is registered.
func (p *Provider) redirects(uri string) bool {
	return len(p.Redirects) == 0 || slices.Contains(p.Redirects, uri)
}

func (p *Provider) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}
