package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2"
)

const (
	// assertionLife is how long one assertion could be used: long enough for a clock that is ahead,
	// too short to be worth stealing.
	assertionLife = 2 * Leeway
	// assertionAge is how long ago it says that it was made. There are providers that take nothing
	// from the future, not by a second, and Keycloak takes nothing that is older than a minute.
	assertionAge = 20 * time.Second
)

// assertionType says what the assertion is (RFC 7523 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// minModulus is how many bits an RSA key needs (RFC 7518 3.3).
const minModulus = 2048

var errNotPrivateKey = errors.New("it is no private key in PEM: P-256, P-384, Ed25519, or RSA of at least 2048 bits")

// ClientKey is the private key by which the shop proves to the provider that it is the shop. Only
// its public half ever leaves the shop, so nothing that the provider or anybody on the way keeps
// can be used in its place (RFC 9700 2.5).
type ClientKey struct {
	signer    jose.Signer
	public    jose.JSONWebKey
	algorithm jose.SignatureAlgorithm
}

// ParseClientKey reads a private key in PEM (PKCS #8, or what older tools write). Its error never
// holds any of the text.
func ParseClientKey(text string) (*ClientKey, error) {
	private, err := parsePrivate(text)
	if err != nil {
		return nil, err
	}
	algorithm, err := algorithmFor(private)
	if err != nil {
		return nil, err
	}
	public := jose.JSONWebKey{Key: private.Public(), Use: "sig", Algorithm: string(algorithm)}
	thumbprint, err := public.Thumbprint(crypto.SHA256) // RFC 7638
	if err != nil {
		return nil, errNotPrivateKey
	}
	public.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm,
		Key: jose.JSONWebKey{Key: private, KeyID: public.KeyID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, errNotPrivateKey
	}
	return &ClientKey{signer: signer, public: public, algorithm: algorithm}, nil
}

func parsePrivate(text string) (crypto.Signer, error) {
	block, rest := pem.Decode([]byte(text))
	for block != nil && !strings.HasSuffix(block.Type, "PRIVATE KEY") { // openssl ecparam writes the curve first
		block, rest = pem.Decode(rest)
	}
	if block == nil {
		return nil, errNotPrivateKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		parsed, err = x509.ParseECPrivateKey(block.Bytes)
	}
	if err != nil {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, errNotPrivateKey
	}
	private, _ := parsed.(crypto.Signer) // none for a key that only encrypts; algorithmFor refuses it
	return private, nil
}

func algorithmFor(private crypto.Signer) (jose.SignatureAlgorithm, error) {
	switch key := private.(type) {
	case *ecdsa.PrivateKey:
		switch key.Curve {
		case elliptic.P256():
			return jose.ES256, nil
		case elliptic.P384():
			return jose.ES384, nil
		}
	case ed25519.PrivateKey:
		return jose.EdDSA, nil
	case *rsa.PrivateKey:
		if key.N.BitLen() >= minModulus {
			return jose.RS256, nil
		}
	}
	return "", errNotPrivateKey
}

// JWKS returns the public keys to register at the provider, as a JSON Web Key Set (RFC 7517 5).
func JWKS(keys ...*ClientKey) ([]byte, error) {
	var set jose.JSONWebKeySet
	for _, k := range keys {
		set.Keys = append(set.Keys, k.public)
	}
	return json.MarshalIndent(set, "", "  ")
}

// authenticateClient returns what a token request says beside the client's name: nothing when a
// secret in its header does (RFC 7523 2.2).
func (p *Provider) authenticateClient() ([]oauth2.AuthCodeOption, error) {
	if p.config.ClientKey == nil {
		return nil, nil
	}
	assertion, err := p.config.ClientKey.assertion(p.config.ClientID, p.config.Issuer, p.config.Now())
	if err != nil {
		return nil, err
	}
	return []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("client_assertion_type", assertionType), oauth2.SetAuthURLParam("client_assertion", assertion),
	}, nil
}

// assertion authenticates the client to one provider, once and for two minutes. Its audience is the
// issuer and not the token endpoint, so that a server named by a wrong discovery document is not
// able to use it anywhere else (OIDC Core 9, RFC 7523 3).
func (k *ClientKey) assertion(client, issuer string, now time.Time) (string, error) {
	return jwt.Signed(k.signer).Claims(jwt.Claims{
		Issuer: client, Subject: client, Audience: jwt.Audience{issuer}, ID: oauth2.GenerateVerifier(),
		IssuedAt: jwt.NewNumericDate(now.Add(-assertionAge)), Expiry: jwt.NewNumericDate(now.Add(assertionLife)),
	}).Serialize()
}

// accepted judges by the methods in the discovery document. A provider that lists none takes
// secrets only (OIDC Discovery 1.0 3).
func (k *ClientKey) accepted(methods, algorithms []string) bool {
	return slices.Contains(methods, "private_key_jwt") &&
		(len(algorithms) == 0 || slices.Contains(algorithms, string(k.algorithm)))
}
