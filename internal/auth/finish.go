package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/fetchmetadata"
)

// Authentication is who came back from the provider and when they proved it.
type Authentication struct {
	Identity customer.Identity
	SID      string    // the provider's session, "" when it names none
	IssuedAt time.Time // by the provider's clock
	// when the customer proved who they are, by the provider's clock, never after IssuedAt; zero when
	// that is not known
	AuthTime        time.Time
	ACR             string
	IDToken         string    // only for EndSession; keep it sealed
	ReturnTo        string    // a LocalPath or ""
	Intent          string    // as given to Begin
	Begun           time.Time // when the attempt began, by our clock
	Reauthenticated bool      // Begin had the provider ask, and auth_time shows that it did
}

// Finish takes the browser's return from the provider: GET /auth/callback. It uses up the attempt
// and clears its cookie, changes the code for tokens and checks everything. The errors are
//
//   - ErrNoAttempt: no such attempt in this browser. Nothing was asked of anyone.
//   - RepeatedError: the attempt's callback was used before. The code was not presented again.
//   - ErrCancelled, ErrNotAdmitted, ErrExpired, ErrUnavailable: the attempt is used up. It is kept
//     when the provider is not known yet or the store of used attempts failed: the same address
//     then works later.
//   - *RefusedError: a check failed. For CheckNavigation and CheckQuery the attempt is kept,
//     otherwise it is used up.
//
// Once the attempt is found, Authentication has its ReturnTo and Intent, even with an error; with
// an error it has nothing else.
func (p *Provider) Finish(ctx context.Context, w http.ResponseWriter, r *http.Request) (Authentication, error) {
	answer, err := readResponse(r)
	if err != nil {
		return Authentication{}, err
	}
	a, err := p.find(w, r, answer.state)
	if err != nil {
		return Authentication{}, err
	}
	back := Authentication{ReturnTo: a.ReturnTo, Intent: a.Intent}
	m, err := p.current(ctx)
	if err != nil {
		return back, err
	}
	if err := p.useUp(ctx, w, a); err != nil {
		return back, err
	}
	if err := answer.check(a, m); err != nil {
		return back, err
	}
	token, err := p.redeem(ctx, m, answer.code, a)
	if err != nil {
		return back, err
	}
	authn, err := p.authenticate(ctx, m, token, a)
	if err != nil {
		return back, err
	}
	authn.Begun = a.started()
	return authn, nil
}

// useUp makes this the only return of the attempt, over all replicas, before anything is asked of
// the provider. The cookie goes only once that is certain (ASVS 10.1.2, 15.4.2; RFC 9700 4.2.4).
func (p *Provider) useUp(ctx context.Context, w http.ResponseWriter, a attempt) error {
	first, err := p.config.Used.UseAttempt(ctx, sha256.Sum256([]byte(a.State)), p.config.AttemptLifetime+Leeway)
	if err != nil {
		return fmt.Errorf("%w: remember attempt: %w", ErrUnavailable, err)
	}
	p.clear(w, a.cookie)
	if !first {
		return RepeatedError{ReturnTo: a.ReturnTo}
	}
	return nil
}

// response is what the browser brings from the provider's authorization endpoint.
type response struct {
	state, code, issuer, failure, description string
}

// readResponse takes a top-level navigation with every parameter at most once, and nothing else: an
// image or a frame on another page, or a prefetch, uses up nothing (ASVS 15.3.7; RFC 6749 3.1).
func readResponse(r *http.Request) (response, error) {
	if !isNavigation(r) {
		return response{}, refuse(CheckNavigation, "%s, Sec-Fetch-Mode %q, Sec-Fetch-Dest %q, Sec-Purpose %q", r.Method,
			r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest"), r.Header.Get("Sec-Purpose"))
	}
	query, err := readQuery(r.URL.RawQuery)
	if err != nil {
		return response{}, err
	}
	return response{
		state: query.Get("state"), code: query.Get("code"), issuer: query.Get("iss"),
		failure: query.Get("error"), description: query.Get("error_description"),
	}, nil
}

// parameters are what the callback reads.
var parameters = []string{"state", "code", "iss", "error", "error_description"}

// readQuery reads our parameters and ignores all others, however broken (RFC 6749 4.1.2).
func readQuery(raw string) (url.Values, error) {
	query := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		escaped, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(escaped)
		if err != nil || !slices.Contains(parameters, name) {
			continue
		}
		one, err := url.ParseQuery(pair)
		if err != nil {
			return nil, refuse(CheckQuery, "%s is badly escaped", name)
		}
		if query.Has(name) {
			return nil, refuse(CheckQuery, "%s stands twice", name)
		}
		query.Set(name, one.Get(name))
	}
	return query, nil
}

// isNavigation judges by the Fetch Metadata headers, where the browser sends them.
func isNavigation(r *http.Request) bool {
	return r.Method == http.MethodGet && fetchmetadata.TopLevel(r) && !fetchmetadata.Speculative(r)
}

// check judges the response before its code is used (OIDC Core 3.1.2.7).
func (r response) check(a attempt, m *metadata) error {
	switch {
	case r.issuer != "" && r.issuer != a.Issuer: // RFC 9207 2.4, also for errors
		return refuse(CheckResponse, "iss is %q", r.issuer)
	case r.issuer == "" && m.namesItself: // RFC 9207 2.4
		return refuse(CheckResponse, "no iss, though the provider always sends one")
	case r.failure != "" && r.code != "":
		return refuse(CheckResponse, "both an error and a code")
	case r.failure != "":
		return r.failed()
	case r.code == "":
		return refuse(CheckResponse, "neither an error nor a code")
	}
	return nil
}

// notAssigned matches how Okta and Entra ID describe a customer who may not use the application.
var notAssigned = regexp.MustCompile(`(?i)not assigned to|AADSTS50105`)

// failed says what an error response means for the visitor. Its description is for the log, and
// distinguishes what the error's name alone does not (OIDC Core 3.1.2.6, RFC 6749 4.1.2.1).
func (r response) failed() error {
	answer := errors.New(r.failure + ": " + r.description)
	switch {
	case r.failure == "temporarily_unavailable" && r.description == "authentication_expired": // Keycloak
		return ErrExpired
	case r.failure == "access_denied" && notAssigned.MatchString(r.description):
		return ErrNotAdmitted
	}
	switch r.failure {
	case "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required":
		return ErrCancelled
	case "temporarily_unavailable", "server_error":
		return unavailable("the provider answers", answer)
	}
	return refuse(CheckResponse, "the provider answers %s", answer)
}

// redeem changes the code for tokens, once (OIDC Core 3.1.3, RFC 7636 4.5).
func (p *Provider) redeem(ctx context.Context, m *metadata, code string, a attempt) (*oauth2.Token, error) {
	options, err := p.authenticateClient()
	if err != nil {
		return nil, unavailable("client key", err)
	}
	token, err := p.oauth(m).Exchange(p.client(ctx), code, append(options, oauth2.VerifierOption(a.Verifier))...)
	if err == nil {
		return token, nil
	}
	// The errors of oauth2 can hold the whole answer, tokens and all.
	var answered *oauth2.RetrieveError
	var lost *url.Error
	switch {
	case errors.As(err, &lost):
		return nil, unavailable("token endpoint", lost)
	case !errors.As(err, &answered):
		return nil, refuse(CheckToken, "no JSON object with an access token")
	case answered.Response.StatusCode >= 500 || answered.Response.StatusCode == http.StatusTooManyRequests:
		return nil, unavailable("token endpoint", errors.New(answered.Response.Status))
	}
	return nil, refuse(CheckToken, "%s %q", answered.Response.Status, answered.ErrorCode)
}
