package provider

import (
	"crypto/subtle"
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Where the shop is called back, below each of its addresses.
const (
	callbackPath  = "/auth/callback"
	signedOutPath = "/signed-out"
)

// client is the shop as the provider knows it. It is op.Client.
type client struct {
	id, secret     string
	keys           *jose.JSONWebKeySet // nil: the secret counts
	redirectURIs   []string
	postLogoutURIs []string
	home           string
}

func newClient(config Config) (c client, err error) {
	c = client{id: config.ClientID, secret: config.ClientSecret, home: config.ShopURLs[0]}
	if config.ClientKeys != nil {
		err = json.Unmarshal(config.ClientKeys, &c.keys)
	}
	for _, shop := range config.ShopURLs {
		c.redirectURIs = append(c.redirectURIs, shop+callbackPath)
		c.postLogoutURIs = append(c.postLogoutURIs, shop+signedOutPath)
	}
	return c, err
}

func (c client) isSecret(secret string) bool {
	return c.keys == nil && subtle.ConstantTimeCompare([]byte(secret), []byte(c.secret)) == 1
}

func (c client) GetID() string                       { return c.id }
func (c client) RedirectURIs() []string              { return c.redirectURIs }
func (c client) PostLogoutRedirectURIs() []string    { return c.postLogoutURIs }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType         { return []oidc.GrantType{oidc.GrantTypeCode} }
func (c client) LoginURL(id string) string            { return loginAddress(id) }
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c client) IDTokenLifetime() time.Duration       { return tokenLifetime }
func (c client) DevMode() bool                        { return false }
func (c client) IsScopeAllowed(string) bool           { return false }
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }
func (c client) ClockSkew() time.Duration             { return 0 }

func (c client) AuthMethod() oidc.AuthMethod {
	if c.keys != nil {
		return oidc.AuthMethodPrivateKeyJWT
	}
	return oidc.AuthMethodBasic
}

func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string     { return asGiven }
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return asGiven }

func asGiven(scopes []string) []string { return scopes }
