package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"hookandtag.example/shop/internal/customer"
)

// Begin says what one sign-in is to be. The zero value is an ordinary one that leads home.
type Begin struct {
	ReturnTo string // where it leads; anything but a LocalPath is dropped
	Intent   string // comes back in the Authentication unchanged; at most 32 bytes
	// prompt as OpenID Connect has it; "login" makes the provider ask again, "create" makes it lead to
	// a new account, and the authentication must show that it did not answer for somebody it knew
	// already
	Prompt string
	// how old the customer's authentication at the provider may be; as configured when 0, and not
	// asked for when that is 0
	MaxAge time.Duration
	// the only one who may come back, for a reauthentication; anyone when empty
	ExpectSubject customer.Identity
	ACR           []string // accepted authentication context classes; as configured when nil
}

const maxIntent = 32

// promptCreate asks for the page on which an account is made (OIDC Prompt Create 1.0 4.1).
const promptCreate = "create"

// asks reports whether the provider may not answer without asking. A request for a new account must
// not come back as the person who used the browser before.
func asks(prompt string) bool {
	return slices.ContainsFunc(strings.Fields(prompt), func(p string) bool { return p == "login" || p == promptCreate })
}

// wantAuthTime asks for auth_time once more, for providers that take max_age without returning it.
// OIDC Core 5.5.
const wantAuthTime = `{"id_token":{"auth_time":{"essential":true}}}`

// scopes are what an identity with its name and e-mail takes, and no offline access (ASVS 10.2.3).
var scopes = []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}

// Begin starts a sign-in: it sets the cookie of a new attempt, deletes the oldest attempts beyond
// five and cookies that hold no attempt, and returns the address at the provider to which the
// browser must go, by GET. ErrUnavailable: nothing has been set. It is returned also for a provider
// that is known and does not answer now, within 2 s.
func (p *Provider) Begin(ctx context.Context, w http.ResponseWriter, r *http.Request, b Begin) (string, error) {
	m, err := p.responsive(ctx)
	if err != nil {
		return "", err
	}
	a, err := p.newAttempt(b)
	if err != nil {
		return "", err
	}
	if !p.seal(w, a) {
		return "", errors.New("begin sign-in: the attempt does not fit into a cookie")
	}
	p.makeRoom(w, r)
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if a.MaxAge > 0 {
		options = append(options, oauth2.SetAuthURLParam("max_age", strconv.FormatInt(a.MaxAge, 10)),
			oauth2.SetAuthURLParam("claims", wantAuthTime))
	}
	if b.Prompt != "" {
		options = append(options, oauth2.SetAuthURLParam("prompt", b.Prompt))
	}
	if len(a.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(a.ACR, " ")))
	}
	return p.oauth(m).AuthCodeURL(a.State, options...), nil
}

// newAttempt draws the secrets of an attempt, 32 random bytes each (ASVS 11.5.1, RFC 9700 2.1.1).
func (p *Provider) newAttempt(b Begin) (attempt, error) {
	if len(b.Intent) > maxIntent {
		return attempt{}, errors.New("begin sign-in: intent too long")
	}
	now := p.config.Now()
	a := attempt{
		State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(),
		Issuer: p.config.Issuer, Started: now.Unix(), MaxAge: int64(p.config.MaxAge / time.Second),
		Part:           int64(now.Nanosecond()) / int64(time.Microsecond),
		Reauthenticate: asks(b.Prompt), ACR: p.config.ACR, ReturnTo: LocalPath(b.ReturnTo),
		Intent: b.Intent,
	}
	if b.MaxAge >= time.Second && p.config.MaxAge > 0 {
		a.MaxAge = int64(b.MaxAge / time.Second)
	}
	a.Undated = a.MaxAge == 0 && b.ExpectSubject.Subject == ""
	if b.ACR != nil {
		a.ACR = b.ACR
	}
	if b.ExpectSubject.Subject != "" {
		a.Expected = fingerprint(b.ExpectSubject)
	}
	return a, nil
}

// makeRoom leaves the browser at most four attempts beside the new one, the newest. Tabs that begin
// together do not see each other's, so there may be more than one too many, until the next one
// begins. Attempts beyond what one Cookie header holds stay until they expire.
func (p *Provider) makeRoom(w http.ResponseWriter, r *http.Request) {
	live, dead := p.open(r)
	for len(live) >= maxOpen {
		dead = append(dead, live[0].cookie)
		live = live[1:]
	}
	for _, name := range dead {
		p.clear(w, name)
	}
}

// oauth is the client of the code flow. A secret goes into the Authorization header, and into the
// form only where the provider offers nothing else: left to find out, oauth2 would present a
// refused code a second time (RFC 6749 2.3.1).
func (p *Provider) oauth(m *metadata) *oauth2.Config {
	endpoint := oauth2.Endpoint{AuthURL: m.authorize.String(), TokenURL: m.token.String(),
		AuthStyle: oauth2.AuthStyleInHeader}
	if p.config.ClientKey != nil || m.secretPost {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: endpoint, RedirectURL: p.callback(),
		Scopes: scopes,
	}
}
