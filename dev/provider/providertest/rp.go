package providertest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// RP is a relying party: the shop's part of the protocol and nothing of the shop.
type RP struct {
	Provider *oidc.Provider
	OAuth    oauth2.Config
	Metadata Metadata
	// Context carries the HTTP client that finds *.localhost.
	Context context.Context
}

// Metadata is what tests read of the discovery document.
type Metadata struct {
	Issuer                string   `json:"issuer"`
	EndSession            string   `json:"end_session_endpoint"`
	Keys                  string   `json:"jwks_uri"`
	IssParameter          bool     `json:"authorization_response_iss_parameter_supported"`
	Backchannel           bool     `json:"backchannel_logout_supported"`
	BackchannelSession    bool     `json:"backchannel_logout_session_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	CodeChallengeMethods  []string `json:"code_challenge_methods_supported"`
	TokenAuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
	RevocationEndpoint    string   `json:"revocation_endpoint"`
	IntrospectionEndpoint string   `json:"introspection_endpoint"`
}

// Backchannel listens for logout tokens at a free loopback port
// until the test ends. It answers every one of them 200.
func Backchannel(t testing.TB) (address string, tokens <-chan string) {
	t.Helper()
	received := make(chan string, 16)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		received <- r.PostFormValue("logout_token")
	}))
	t.Cleanup(server.Close)
	return server.URL, received
}

// NewRP discovers issuer and is called back at callback.
func NewRP(t testing.TB, issuer, callback string) *RP {
	t.Helper()
	ctx := oidc.ClientContext(context.Background(), Client())
	found, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		t.Fatal(err)
	}
	rp := &RP{Provider: found, Context: ctx}
	if err := found.Claims(&rp.Metadata); err != nil {
		t.Fatal(err)
	}
	endpoint := found.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	rp.OAuth = oauth2.Config{
		ClientID: "shop", ClientSecret: "shop-secret", Endpoint: endpoint,
		RedirectURL: callback, Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
	return rp
}

// Attempt is one sign-in in progress.
type Attempt struct {
	State, Nonce, Verifier string
	// Address is where the browser goes.
	Address string
}

// Attempt starts a sign-in; options come after the usual parameters.
func (rp *RP) Attempt(options ...oauth2.AuthCodeOption) Attempt {
	a := Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	options = append([]oauth2.AuthCodeOption{oauth2.S256ChallengeOption(a.Verifier), oidc.Nonce(a.Nonce)}, options...)
	a.Address = rp.OAuth.AuthCodeURL(a.State, options...)
	return a
}

// Param is any authorization parameter.
func Param(name, value string) oauth2.AuthCodeOption { return oauth2.SetAuthURLParam(name, value) }

// Identity is the result of a finished sign-in.
type Identity struct {
	Subject       string `json:"sub"`
	SID           string `json:"sid"`
	AuthTime      int64  `json:"auth_time"`
	IssuedAt      int64  `json:"iat"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	Azp           string `json:"azp"`

	IDToken string        `json:"-"`
	Token   *oauth2.Token `json:"-"`
}

// Finish takes the callback the browser was sent to: state and issuer are compared, the code is
// exchanged, the ID token verified.
func (rp *RP) Finish(a Attempt, callback *url.URL) (Identity, error) {
	answer := callback.Query()
	if answer.Get("state") != a.State {
		return Identity{}, errors.New("wrong state")
	}
	if rp.Metadata.IssParameter && answer.Get("iss") != rp.Metadata.Issuer {
		return Identity{}, fmt.Errorf("iss parameter is %q", answer.Get("iss"))
	}
	if code := answer.Get("error"); code != "" {
		return Identity{}, AuthorizationError(code)
	}
	return rp.Exchange(a, answer.Get("code"))
}

// AuthorizationError is an error code of an authorization response.
type AuthorizationError string

func (e AuthorizationError) Error() string { return "authorization response: " + string(e) }

// Exchange trades the code for an identity.
func (rp *RP) Exchange(a Attempt, code string, options ...oauth2.AuthCodeOption) (Identity, error) {
	token, err := rp.OAuth.Exchange(rp.Context, code, append(options, oauth2.VerifierOption(a.Verifier))...)
	if err != nil {
		return Identity{}, err
	}
	raw, _ := token.Extra("id_token").(string)
	verified, err := rp.Provider.Verifier(&oidc.Config{ClientID: rp.OAuth.ClientID}).Verify(rp.Context, raw)
	if err != nil {
		return Identity{}, err
	}
	if verified.Nonce != a.Nonce {
		return Identity{}, errors.New("wrong nonce")
	}
	if err := verified.VerifyAccessToken(token.AccessToken); err != nil {
		return Identity{}, err
	}
	identity := Identity{IDToken: raw, Token: token}
	return identity, verified.Claims(&identity)
}

// EndSession is the address that signs out at the provider.
func (rp *RP) EndSession(values url.Values) string {
	return rp.Metadata.EndSession + "?" + values.Encode()
}
