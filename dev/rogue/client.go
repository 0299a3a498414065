package rogue

import (
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// isClient reports whether the shop itself asks: by its secret in the header, or where ClientKeys
// are set by an assertion, each once. Nothing else in the request may authenticate it a second
// way. // RFC 6749 2.3, RFC 7523 3
func (p *Provider) isClient(r *http.Request) bool {
	id, secret, basic := r.BasicAuth()
	assertion := r.PostForm.Get("client_assertion")
	if p.SecretInForm {
		return !basic && assertion == "" && r.PostForm.Get("client_id") == ClientID &&
			r.PostForm.Get("client_secret") == ClientSecret
	}
	if r.PostForm.Has("client_secret") || basic == (assertion != "") || basic == (p.ClientKeys != nil) {
		return false
	}
	if !basic {
		return r.PostForm.Get("client_assertion_type") == assertionType && r.PostForm.Get("client_id") == ClientID &&
			p.isAssertion(assertion)
	}
	id, err := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	return err == nil && err2 == nil && id == ClientID && secret == ClientSecret
}

func (p *Provider) isAssertion(raw string) bool {
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256, jose.ES384, jose.EdDSA, jose.RS256})
	if err != nil {
		return false
	}
	keys := p.ClientKeys.Key(token.Headers[0].KeyID)
	var claims jwt.Claims
	if len(keys) != 1 || keys[0].Algorithm != token.Headers[0].Algorithm || token.Claims(keys[0], &claims) != nil {
		return false
	}
	wanted := jwt.Expected{Issuer: ClientID, Subject: ClientID, AnyAudience: jwt.Audience{p.Issuer}, Time: p.now()}
	if claims.ValidateWithLeeway(wanted, 0) != nil || len(claims.Audience) != 1 || claims.ID == "" ||
		claims.Expiry == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	used := p.assertions[claims.ID]
	p.assertions[claims.ID] = true
	// As Keycloak does by itself.
	return !used && claims.Expiry.Time().Sub(p.now()) <= 5*time.Minute && claims.IssuedAt != nil &&
		p.now().Sub(claims.IssuedAt.Time()) <= time.Minute
}
