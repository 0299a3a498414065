package scripted

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Signature is how a token is signed. The header says alg and kid accordingly, unless the script's Header says otherwise.
type Signature string

// The ways to sign a token.
const (
	Right     Signature = ""           // RS256 with the newest key
	None      Signature = "none"       // alg none, no signature
	Broken    Signature = "broken"     // RS256 with one bit turned
	Foreign   Signature = "foreign"    // RS256 with a key that is not the provider's, under the name of one that is
	Unknown   Signature = "unknown"    // RS256 with a key that is not the provider's, under a name of its own
	Elliptic  Signature = "elliptic"   // ES256 with a key that the provider tells among its own
	PublicKey Signature = "public-key" // HS256 with the public key as the secret
	Secret    Signature = "secret"     // HS256 with the client's secret
	Brought   Signature = "brought"    // RS256 with a key that is not the provider's, brought along in every way that a header knows
)

// key is one of the provider's RSA keys.
type key struct {
	number  int
	private *rsa.PrivateKey
}

func (k key) id() string {
	return fmt.Sprintf("key-%d", k.number)
}

// made holds keys already made, for all providers of the program: making one takes longer than most tests.
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

var ellipticKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return private
})

// keySet is the JSON document of the keys, the elliptic one included.
func keySet(keys []key) map[string]any {
	set := jose.JSONWebKeySet{}
	for _, k := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.private.Public(), KeyID: k.id(), Algorithm: "RS256", Use: "sig"})
	}
	set.Keys = append(set.Keys, jose.JSONWebKey{Key: ellipticKey().Public(), KeyID: "elliptic", Algorithm: "ES256", Use: "sig"})
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

func (p *Provider) header(typ string) map[string]any {
	return map[string]any{"alg": "RS256", "kid": p.newest().id(), "typ": typ}
}

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// LogoutToken makes a back-channel logout token for a subject and a session, either of which may be "". Header and claims may be changed
// before it is signed; nil changes nothing, and Instead takes its place. // OIDC Back-Channel Logout 1.0 2.4
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
	header := p.header("logout+jwt")
	change(s.Header, header)
	change(s.Claims, claims)
	return p.sign(s.Signature, header, claims)
}

// sign makes a compact JWS.
func (p *Provider) sign(how Signature, header, claims map[string]any) string {
	k := p.newest()
	switch how {
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
	case PublicKey, Secret:
		header["alg"] = "HS256"
	case Brought:
		k = newKey(foreign)
		p.bring(header, k)
	}
	input := segment(header) + "." + segment(claims)
	return input + "." + base64.RawURLEncoding.EncodeToString(signature(how, k, input))
}

// bring puts a key into a header, and says where it can be had: at addresses that the provider does serve, so that whoever follows one gets
// the key, and is seen. // RFC 7515 4.1
func (p *Provider) bring(header map[string]any, k key) {
	header["kid"] = k.id()
	header["jwk"] = keySet([]key{k})["keys"].([]any)[0]
	header["jku"] = p.Issuer + BroughtKeysPath
	header["x5u"] = p.Issuer + BroughtCertificatePath
}

func signature(how Signature, k key, input string) []byte {
	sum := sha256.Sum256([]byte(input))
	switch how {
	case None:
		return nil
	case PublicKey:
		public, _ := x509.MarshalPKIXPublicKey(k.private.Public())
		return authenticated(public, input)
	case Secret:
		return authenticated([]byte(ClientSecret), input)
	case Elliptic:
		r, s, err := ecdsa.Sign(rand.Reader, ellipticKey(), sum[:])
		if err != nil {
			panic(err)
		}
		return append(padded(r), padded(s)...)
	}
	signed, err := rsa.SignPKCS1v15(rand.Reader, k.private, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	if how == Broken {
		signed[len(signed)/2] ^= 1
	}
	return signed
}

func authenticated(secret []byte, input string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return mac.Sum(nil)
}

func padded(i *big.Int) []byte {
	return i.FillBytes(make([]byte, 32))
}

func segment(m map[string]any) string {
	var text strings.Builder
	if err := json.NewEncoder(&text).Encode(m); err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.TrimSpace(text.String())))
}
