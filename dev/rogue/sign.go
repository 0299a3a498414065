package rogue

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
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
	// RS256 with a key that is not the provider's, brought along in every way that a header knows
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
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		made.keys[number] = private
	}
	return key{number: number, private: made.keys[number]}
}

var (
	ellipticKey    = sync.OnceValue(func() *ecdsa.PrivateKey { return newEllipticKey(elliptic.P256()) })
	elliptic384Key = sync.OnceValue(func() *ecdsa.PrivateKey { return newEllipticKey(elliptic.P384()) })
	edwardsKey     = sync.OnceValue(func() ed25519.PrivateKey {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			panic(err)
		}
		return private
	})
)

func newEllipticKey(curve elliptic.Curve) *ecdsa.PrivateKey {
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return private
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
	text, err := json.Marshal(set)
	if err != nil {
		panic(err)
	}
	document := map[string]any{}
	if err := json.Unmarshal(text, &document); err != nil {
		panic(err)
	}
	return document
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

// LogoutToken makes a back-channel logout token for a subject and a session, either of which may be
// "". Header and claims may be changed before it is signed; nil changes nothing, and Instead takes
// its place. // OIDC Back-Channel Logout 1.0 2.4
func (p *Provider) LogoutToken(subject, sid string, s Script) string {
	if s.Instead != "" {
		return s.Instead
	}
	now := p.now()
	claims := map[string]any{
		"iss": p.Issuer, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": random(),
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

// sign makes a compact JWS.
func (p *Provider) sign(s Script, header, claims map[string]any) string {
	k := p.newest()
	switch s.Signature {
	case None:
		header["alg"] = "none"
		delete(header, "kid")
	case Foreign:
		k = newKey(foreign)
	case Unknown:
		k = newKey(foreign)
		header["kid"] = "unknown-" + random()[:8]
	case Elliptic:
		header["alg"], header["kid"] = "ES256", "elliptic"
	case Weak:
		k, header["kid"] = key{private: weakKey()}, "weak"
	case PublicKey, Secret:
		header["alg"] = "HS256"
	case Brought:
		k = newKey(foreign)
		p.bring(header, k)
	}
	input := segment(header, nil) + "." + segment(claims, s.Payload)
	return input + "." + base64.RawURLEncoding.EncodeToString(signature(s, k, input))
}

// bring puts a key into a header, and says where it can be had: at addresses that the provider does
// serve, so that a client that follows one gets the key, and is seen. // RFC 7515 4.1
func (p *Provider) bring(header map[string]any, k key) {
	header["kid"] = k.id()
	header["jwk"] = keySet([]key{k})["keys"].([]any)[0]
	header["jku"] = p.Issuer + BroughtKeysPath
	header["x5u"] = p.Issuer + BroughtCertificatePath
}

func signature(s Script, k key, input string) []byte {
	if s.Signature == Right && s.Algorithm != "" {
		return signedWith(s.Algorithm, k, []byte(input))
	}
	sum := sha256.Sum256([]byte(input))
	switch s.Signature {
	case None:
		return nil
	case PublicKey:
		public, _ := x509.MarshalPKIXPublicKey(k.private.Public())
		return authenticated(public, input)
	case Secret:
		return authenticated([]byte(ClientSecret), input)
	case Elliptic:
		return signedWith("ES256", k, []byte(input))
	}
	signed, err := rsa.SignPKCS1v15(rand.Reader, k.private, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	if s.Signature == Broken {
		signed[len(signed)/2] ^= 1
	}
	return signed
}

func authenticated(secret []byte, input string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return mac.Sum(nil)
}

// signedWith signs with the key for an algorithm. // RFC 7518 3.4, 3.5; RFC 8037 3.1
func signedWith(algorithm string, k key, input []byte) []byte {
	sum := sha256.Sum256(input)
	switch algorithm {
	case "ES256":
		return ellipticSignature(ellipticKey(), sum[:])
	case "ES384":
		sum := sha512.Sum384(input)
		return ellipticSignature(elliptic384Key(), sum[:])
	case "EdDSA":
		return ed25519.Sign(edwardsKey(), input)
	}
	signed, err := rsa.SignPSS(rand.Reader, k.private, crypto.SHA256, sum[:],
		&rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	if algorithm == "RS256" {
		signed, err = rsa.SignPKCS1v15(rand.Reader, k.private, crypto.SHA256, sum[:])
	}
	if err != nil {
		panic(err)
	}
	return signed
}

func ellipticSignature(private *ecdsa.PrivateKey, sum []byte) []byte {
	r, s, err := ecdsa.Sign(rand.Reader, private, sum)
	if err != nil {
		panic(err)
	}
	size := (private.Params().BitSize + 7) / 8
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
}

func segment(m map[string]any, change func(string) string) string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	if change != nil {
		text = []byte(change(string(text)))
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
