package rogue

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Signature is how a token is signed. The header says alg and kid accordingly, unless the script's
// Header says otherwise.
type Signature string

// The ways to sign a token.
const (
	Right     Signature = ""           // RS256 with the newest key
	None      Signature = "none"       // alg none, no signature
	Broken    Signature = "broken"     // RS256 with one bit turned
	Foreign   Signature = "foreign"    // RS256 with a key that is not the provider's, under the name of one that is
	Unknown   Signature = "unknown"    // RS256 with a key that is not the provider's, under a new name
	Elliptic  Signature = "elliptic"   // ES256 with a key that the provider publishes
	PublicKey Signature = "public-key" // HS256 with the public key as the secret
	Secret    Signature = "secret"     // HS256 with the client's secret
	Weak      Signature = "weak"       // RS256 with an RSA key of 1024 bits
	// RS256 with a key that is not the provider's, sent in every header field that can carry or
	// name one
	Brought Signature = "brought"
)

// key is one of the provider's RSA keys.
type key struct {
	number  int
	private *rsa.PrivateKey
}

func (k key) id() string {
	return fmt.Sprintf("key-%d", k.number)
}

// made holds keys already made, for all providers of the program: making one takes longer than most
// tests.
var made struct {
	sync.Mutex
	keys map[int]*rsa.PrivateKey
}

// foreign is the number of a key that no provider has.
const foreign = -1

func newKey(number int) key {
	made.Lock()
	defer made.Unlock()
	if made.keys == nil {
		made.keys = map[int]*rsa.PrivateKey{}
	}
	if made.keys[number] == nil {
		made.keys[number] = must(rsa.GenerateKey(rand.Reader, 2048))
	}
	return key{number: number, private: made.keys[number]}
}

var (
	ellipticKey    = sync.OnceValue(func() *ecdsa.PrivateKey { return newEllipticKey(elliptic.P256()) })
	elliptic384Key = sync.OnceValue(func() *ecdsa.PrivateKey { return newEllipticKey(elliptic.P384()) })
	edwardsKey     = sync.OnceValue(func() ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed([]byte(rand.Text() + rand.Text())[:ed25519.SeedSize])
	})
)

func newEllipticKey(curve elliptic.Curve) *ecdsa.PrivateKey {
	return must(ecdsa.GenerateKey(curve, rand.Reader))
}

// keySet is the JSON document of the keys, with one for each other algorithm. The RSA keys name
// none, as they sign with two.
func keySet(keys []key) map[string]any {
	set := jose.JSONWebKeySet{}
	for _, k := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.private.Public(), KeyID: k.id(), Use: "sig"})
	}
	set.Keys = append(set.Keys,
		jose.JSONWebKey{Key: ellipticKey().Public(), KeyID: "elliptic", Algorithm: "ES256", Use: "sig"},
		jose.JSONWebKey{Key: elliptic384Key().Public(), KeyID: "elliptic-384", Algorithm: "ES384", Use: "sig"},
		jose.JSONWebKey{Key: edwardsKey().Public(), KeyID: "edwards", Algorithm: "EdDSA", Use: "sig"})
	return document(set)
}

// document returns a value as the JSON object that it is sent as.
func document(value any) (object map[string]any) {
	text := must(json.Marshal(value))
	if err := json.Unmarshal(text, &object); err != nil {
		panic(err)
	}
	return object
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func (p *Provider) newest() key {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[len(p.keys)-1]
}

func (p *Provider) header(typ string, s Script) map[string]any {
	header := map[string]any{"alg": "RS256", "kid": p.newest().id(), "typ": typ}
	if s.Algorithm != "" {
		header["alg"] = s.Algorithm
	}
	if kid, other := map[string]string{"ES256": "elliptic", "ES384": "elliptic-384",
		"EdDSA": "edwards"}[s.Algorithm]; other {
		header["kid"] = kid
	}
	return header
}

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// LogoutToken makes a back-channel logout token for a subject and a session; either may be
// "". Header and claims may be changed before it is signed; nil changes nothing, and Instead takes
// its place. // OIDC Back-Channel Logout 1.0 2.4
func (p *Provider) LogoutToken(subject, sid string, s Script) string {
	if s.Instead != "" {
		return s.Instead
	}
	now := p.now()
	claims := map[string]any{
		"iss": p.Issuer, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": rand.Text(),
		"events": map[string]any{logoutEvent: map[string]any{}},
	}
	for name, value := range map[string]string{"sub": subject, "sid": sid} {
		if value != "" {
			claims[name] = value
		}
	}
	header := p.header("logout+jwt", s)
	change(s.Header, header)
	change(s.Claims, claims)
	return p.sign(s, header, claims)
}

// sign makes a compact JWS. The header need not match the signature.
func (p *Provider) sign(s Script, header, claims map[string]any) string {
	with := jose.SigningKey{Algorithm: jose.RS256, Key: newKey(foreign).private}
	switch s.Signature {
	case Right:
		with = p.signingKey(jose.SignatureAlgorithm(s.Algorithm))
	case Broken:
		with.Key = p.newest().private
	case None:
		header["alg"] = "none"
		delete(header, "kid")
	case Unknown:
		header["kid"] = "unknown-" + rand.Text()[:8]
	case Elliptic:
		with = p.signingKey(jose.ES256)
		header["alg"], header["kid"] = "ES256", "elliptic"
	case Weak:
		with.Key, header["kid"] = weakKey(), "weak"
	case PublicKey:
		with = jose.SigningKey{Algorithm: jose.HS256, Key: must(x509.MarshalPKIXPublicKey(p.newest().private.Public()))}
		header["alg"] = "HS256"
	case Secret:
		// HMAC fills its key up with zeros; the library wants 32 bytes.
		with = jose.SigningKey{Algorithm: jose.HS256, Key: append([]byte(ClientSecret), make([]byte, 32)...)}
		header["alg"] = "HS256"
	case Brought:
		p.bring(header, newKey(foreign))
	}
	signed := must(must(newSigner(with, header)).Sign(payload(claims, s.Payload)))
	switch s.Signature {
	case None:
		signed.Signatures[0].Signature = nil
	case Broken:
		signed.Signatures[0].Signature[100] ^= 1
	}
	return must(signed.CompactSerialize())
}

func newSigner(with jose.SigningKey, header map[string]any) (jose.Signer, error) {
	extra := map[jose.HeaderKey]any{}
	for name, value := range header {
		extra[jose.HeaderKey(name)] = value
	}
	return jose.NewSigner(with, &jose.SignerOptions{ExtraHeaders: extra})
}

// signingKey returns the provider's key for an algorithm, for RS256 when that is empty.
func (p *Provider) signingKey(algorithm jose.SignatureAlgorithm) jose.SigningKey {
	with := jose.SigningKey{Algorithm: cmp.Or(algorithm, jose.RS256), Key: p.newest().private}
	switch algorithm {
	case jose.ES256:
		with.Key = ellipticKey()
	case jose.ES384:
		with.Key = elliptic384Key()
	case jose.EdDSA:
		with.Key = edwardsKey()
	}
	return with
}

func payload(claims map[string]any, change func(string) string) []byte {
	text := must(json.Marshal(claims))
	if change != nil {
		text = []byte(change(string(text)))
	}
	return text
}

// bring puts a key into a header, and says where it can be had: at addresses that the provider does
// serve, so that a client that follows one gets the key, and is seen. // RFC 7515 4.1
func (p *Provider) bring(header map[string]any, k key) {
	header["kid"] = k.id()
	header["jwk"] = keySet([]key{k})["keys"].([]any)[0]
	header["jku"] = p.Issuer + BroughtKeysPath
	header["x5u"] = p.Issuer + BroughtCertificatePath
}
