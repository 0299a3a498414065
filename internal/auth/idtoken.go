package auth

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	josejson "github.com/go-jose/go-jose/v4/json"
	"golang.org/x/oauth2"

	"hookandtag.example/shop/internal/customer"
)

const (
	// MaxTokenAge is how long before its arrival an ID token may have been issued. It comes straight
	// from the provider.
	MaxTokenAge = 10 * time.Minute
	maxToken    = 32 << 10
	maxSubject  = 255 // OIDC Core 2
)

// claims are those of an ID token that the shop judges or keeps. What go-oidc judges alone is not
// among them.
type claims struct {
	Subject   string   `json:"sub"`
	Party     string   `json:"azp"`
	Issued    *float64 `json:"iat"`
	NotBefore *float64 `json:"nbf"`
	AuthTime  *float64 `json:"auth_time"`
	Nonce     string   `json:"nonce"`
	ACR       string   `json:"acr"`
	SID       string   `json:"sid"`
	person
}

// authenticate turns the token endpoint's answer into an authentication. No token is used for
// anything before the ID token has passed every check, the nonce among them (OIDC Core 3.1.3.5, RFC
// 9700 4.5.3.2).
func (p *Provider) authenticate(ctx context.Context, m *metadata, token *oauth2.Token, a attempt) (
	Authentication, error) {
	raw, _ := token.Extra("id_token").(string)
	switch {
	case !strings.EqualFold(token.TokenType, "Bearer"):
		return Authentication{}, refuse(CheckToken, "token_type %q", token.TokenType)
	case raw == "" || len(raw) > maxToken:
		return Authentication{}, refuse(CheckToken, "id_token: %d characters, want 1 to %d", len(raw), maxToken)
	}
	verified, err := p.verify(ctx, raw)
	if err != nil {
		return Authentication{}, err
	}
	var c claims
	if err := verified.Claims(&c); err != nil {
		return Authentication{}, refuse(CheckClaims, "%v", err)
	}
	if err := p.checkClaims(c, verified, a); err != nil {
		return Authentication{}, err
	}
	if verified.AccessTokenHash != "" && verified.VerifyAccessToken(token.AccessToken) != nil { // OIDC Core 3.1.3.8
		return Authentication{}, refuse(CheckHash, "the access token is not the ID token's")
	}
	if err := p.addUserInfo(ctx, m, token, &c); err != nil {
		return Authentication{}, err
	}
	return p.authentication(c, raw, a), nil
}

// verify checks what every token of the provider has in common: form, algorithm, signature, issuer,
// audience and expiry (OIDC Core 3.1.3.7 (1-3, 6-9); ASVS 6.8.2, 9.1).
func (p *Provider) verify(ctx context.Context, raw string) (*oidc.IDToken, error) {
	verifier, judged := p.keys.verifier(p.config.Issuer, p.rules(), byProvider)
	token, err := verifier.Verify(p.client(ctx), raw)
	if err != nil {
		return nil, judged.verdict(err)
	}
	if typ := typeOf(raw); typ != "" && !strings.EqualFold(typ, "JWT") { // ASVS 9.2.2, RFC 8725 3.11
		return nil, refuse(CheckType, "got typ %q, want an ID token", typ)
	}
	return token, nil
}

func (p *Provider) rules() *oidc.Config {
	return &oidc.Config{
		ClientID: p.config.ClientID, SupportedSigningAlgs: p.config.Algorithms,
		Now: func() time.Time { return p.config.Now().Add(-Leeway) },
	}
}

// typeOf returns the typ in the header of a JWT whose signature has been checked.
func typeOf(raw string) string {
	first, _, _ := strings.Cut(raw, ".")
	text, _ := base64.RawURLEncoding.DecodeString(first)
	var header struct {
		Type string `json:"typ"`
	}
	if josejson.Unmarshal(text, &header) != nil { // exact names, each once
		return "unreadable"
	}
	return header.Type
}

// checkClaims makes the checks that go-oidc leaves to its callers (OIDC Core 3.1.3.7).
func (p *Provider) checkClaims(c claims, token *oidc.IDToken, a attempt) error {
	switch {
	case !same(c.Nonce, a.Nonce): // (11)
		return refuse(CheckNonce, "missing or another attempt's")
	case !isID(c.Subject): // OIDC Core 2
		return refuse(CheckSubject, "missing, too long or not ASCII (%d bytes)", len(c.Subject))
	case a.Expected != "" &&
		!same(a.Expected, fingerprint(customer.Identity{Issuer: p.config.Issuer, Subject: c.Subject})):
		return refuse(CheckSubject, "somebody else than the one who was to prove themselves anew")
	case !p.hasOnlyTrustedAudiences(token.Audience): // (3)
		return refuse(CheckParty, "further audiences, which OIDC_TRUSTED_AUDIENCES does not name")
	case len(token.Audience) > 1 && c.Party == "": // (4)
		return refuse(CheckParty, "further audiences and no azp")
	case c.Party != "" && c.Party != p.config.ClientID: // (4, 5)
		return refuse(CheckParty, "azp %q", c.Party)
	case c.SID != "" && !isID(c.SID):
		return refuse(CheckClaims, "sid is too long or not ASCII (%d bytes)", len(c.SID))
	case len(a.ACR) > 0 && !slices.Contains(a.ACR, c.ACR): // (12), ASVS 6.8.4
		return refuse(CheckContext, "acr %q", c.ACR)
	}
	if err := p.checkTimes(c, MaxTokenAge); err != nil {
		return err
	}
	return p.checkAge(c, a)
}

// hasOnlyTrustedAudiences reports whether a token's audience is no client but the shop and those
// that are trusted to keep it from misuse.
func (p *Provider) hasOnlyTrustedAudiences(audience []string) bool {
	return !slices.ContainsFunc(audience, func(to string) bool {
		return to != p.config.ClientID && !slices.Contains(p.config.TrustedAudiences, to)
	})
}

// checkTimes checks when a token was issued (OIDC Core 3.1.3.7 (10), RFC 7519 4.1.5).
func (p *Provider) checkTimes(c claims, oldest time.Duration) error {
	now := seconds(p.config.Now())
	switch {
	case c.Issued == nil:
		return refuse(CheckTime, "no iat")
	case *c.Issued > now+Leeway.Seconds():
		return refuse(CheckTime, "issued %.0f s ahead of our clock", *c.Issued-now)
	case *c.Issued < now-oldest.Seconds():
		return refuse(CheckTime, "issued %.0f s ago", now-*c.Issued)
	case c.NotBefore != nil && *c.NotBefore > now+Leeway.Seconds():
		return refuse(CheckTime, "not valid for another %.0f s", *c.NotBefore-now)
	}
	return nil
}

// checkAge checks how long ago the customer proved who they are, as far as the provider was asked
// for it (OIDC Core 3.1.3.7 (13), ASVS 7.6.1).
func (p *Provider) checkAge(c claims, a attempt) error {
	now := seconds(p.config.Now())
	switch {
	case c.AuthTime == nil && !a.Undated:
		return refuse(CheckAge, "missing")
	case c.AuthTime == nil || a.Undated && !a.Reauthenticate:
		return nil
	case *c.AuthTime > now+Leeway.Seconds():
		return refuse(CheckAge, "%.0f s ahead of our clock", *c.AuthTime-now)
	case a.MaxAge > 0 && now-*c.AuthTime > float64(a.MaxAge)+Leeway.Seconds():
		return refuse(CheckAge, "%.0f s ago, at most %d were asked for", now-*c.AuthTime, a.MaxAge)
	case !a.Undated && a.Reauthenticate && !a.newer(*c.AuthTime):
		return refuse(CheckAge, "from before this sign-in began, though a new one was asked for")
	}
	return nil
}

// newer reports whether the customer proved who they are since the attempt began, give or take
// Leeway.
func (a attempt) newer(proved float64) bool {
	return proved >= float64(a.Started)-Leeway.Seconds()
}

// authentication makes the Authentication of claims that have passed every check. Without max_age
// an auth_time counts only where the prompt has made it new: the session would otherwise begin
// with an age that nobody has limited.
func (p *Provider) authentication(c claims, raw string, a attempt) Authentication {
	authn := Authentication{
		Identity: customer.Identity{
			Issuer: p.config.Issuer, Subject: c.Subject, Name: c.Name.shown(maxName), Email: c.Email.address(),
			EmailVerified: bool(c.EmailVerified),
		},
		SID: c.SID, IssuedAt: moment(*c.Issued), ACR: c.ACR, IDToken: raw, ReturnTo: a.ReturnTo, Intent: a.Intent,
	}
	if c.AuthTime == nil || a.MaxAge == 0 && !(a.Reauthenticate && a.newer(*c.AuthTime)) {
		return authn
	}
	authn.AuthTime, authn.Reauthenticated = moment(min(*c.AuthTime, *c.Issued)), a.Reauthenticate
	return authn
}

// isID reports whether s can name a person or a session for good: not empty, not too long, and of
// printable ASCII. Decoding may change other characters, so that two different ids become equal.
func isID(s string) bool {
	return s != "" && len(s) <= maxSubject && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func seconds(t time.Time) float64 {
	return float64(t.UnixMilli()) / 1000
}

func moment(unix float64) time.Time {
	return time.UnixMilli(int64(unix * 1000))
}
