package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// withKey gives the shop a key instead of its secret, and registers the public half.
func withKey(t *testing.T, s *shop, text string) {
	t.Helper()
	key := parsed(t, text)
	s.op.ClientKeys = registered(t, key)
	c := config(t, s.op.Issuer)
	c.Used, c.Now, c.ClientSecret, c.ClientKey = s.used, s.clock.Now, "", key
	s.Provider = newProvider(t, c)
}

func parsed(t *testing.T, text string) *auth.ClientKey {
	t.Helper()
	key, err := auth.ParseClientKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// registered is the public key as the provider reads it.
func registered(t *testing.T, key *auth.ClientKey) *jose.JSONWebKeySet {
	t.Helper()
	text, err := auth.JWKS(key)
	var set jose.JSONWebKeySet
	if err != nil || json.Unmarshal(text, &set) != nil {
		t.Fatalf("%s, %v", text, err)
	}
	return &set
}

func pkcs8(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func elliptical(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func modular(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// keyTexts are one key of each kind that is taken, in the forms in which tools write it.
func keyTexts(t *testing.T) map[string]string {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p256, big := elliptical(t, elliptic.P256()), modular(t, 2048)
	sec1, err := x509.MarshalECPrivateKey(p256)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"P-256": pkcs8(t, p256), "P-384": pkcs8(t, elliptical(t, elliptic.P384())), "Ed25519": pkcs8(t, edwards),
		"RSA": pkcs8(t, big),
		"P-256 with its curve": "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" +
			string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1})),
		"P-256 in SEC 1": string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1})),
		"RSA in PKCS #1": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY",
			Bytes: x509.MarshalPKCS1PrivateKey(big)})),
	}
}

// RFC 9700 2.5, RFC 7523 3: the provider learns nothing by which anybody else could be the shop. It
// takes each assertion once.
func TestTheClientProvesItselfByItsKeyAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, text := range keyTexts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			withKey(t, s, text)
			s.mustSignIn(t, auth.Begin{})
			s.mustSignIn(t, auth.Begin{})
			for _, r := range s.op.Requests(rogue.TokenPath) {
				if r.Header.Get("Authorization") != "" || r.Form.Has("client_secret") || r.Form.Get("code_verifier") == "" {
					t.Errorf("the token request has %v, %v", r.Header, r.Form)
				}
			}
		})
	}
}

func TestAnAssertionIsTakenThoughTheClocksDisagree(t *testing.T) {
	t.Parallel()
	// the rogue provider takes nothing from the future, nor older than a minute
	for name, off := range map[string]time.Duration{"behind": -19 * time.Second, "ahead": 39 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			withKey(t, s, pkcs8(t, elliptical(t, elliptic.P256())))
			s.op.Now = func() time.Time { return s.clock.Now().Add(off) }
			s.mustSignIn(t, auth.Begin{})
		})
	}
}

func TestASecretOrAKeyIsNeededNotBoth(t *testing.T) {
	t.Parallel()
	both, neither := config(t, "https://id.example"), config(t, "https://id.example")
	both.ClientKey = parsed(t, pkcs8(t, elliptical(t, elliptic.P256())))
	neither.ClientSecret = ""
	for want, c := range map[string]auth.Config{"a client secret and a client key": both,
		"no client secret and no client key": neither} {
		if _, err := auth.New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// RFC 7523 3 (3, 4): an assertion that leaked is good for this provider only, and for two minutes
// at most.
func TestAnAssertionIsForOneProviderAndEndsSoon(t *testing.T) {
	t.Parallel()
	s := open(t)
	withKey(t, s, pkcs8(t, elliptical(t, elliptic.P256())))
	s.mustSignIn(t, auth.Begin{})
	sent := s.op.Requests(rogue.TokenPath)[0].Form.Get("client_assertion")
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(sent, ".")[1])
	var claims struct {
		Audience string `json:"aud"`
		Issued   int64  `json:"iat"`
		Until    int64  `json:"exp"`
	}
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		t.Fatalf("%s, %v", payload, err)
	}
	if now := s.clock.Now().Unix(); claims.Audience != s.op.Issuer || claims.Issued != now-20 || claims.Until != now+120 {
		t.Errorf("%s at %d, want it for %s from 20 seconds ago and for 120", payload, now, s.op.Issuer)
	}
}

func TestThePublicKeyIsAllThatIsTold(t *testing.T) {
	t.Parallel()
	for name, text := range keyTexts(t) {
		set, err := auth.JWKS(parsed(t, text))
		var published struct{ Keys []map[string]any }
		if err != nil || json.Unmarshal(set, &published) != nil || len(published.Keys) != 1 ||
			published.Keys[0]["kid"] == "" ||
			published.Keys[0]["use"] != "sig" {
			t.Fatalf("%s: %s, %v", name, set, err)
		}
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi"} { // RFC 7518 6.2.2, 6.3.2
			if _, ok := published.Keys[0][private]; ok {
				t.Errorf("%s: %q of the private key is published", name, private)
			}
		}
	}
}

func TestWhatIsNoKeyIsRefusedWithoutBeingShown(t *testing.T) {
	t.Parallel()
	public, err := x509.MarshalPKIXPublicKey(elliptical(t, elliptic.P256()).Public())
	if err != nil {
		t.Fatal(err)
	}
	good := pkcs8(t, elliptical(t, elliptic.P256()))
	for name, text := range map[string]string{
		"nothing": "", "a secret": "correct horse battery staple", "no PEM": strings.Split(good, "\n")[1],
		"cut off":      good[:len(good)/2],
		"a public key": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
		"a key that only encrypts": "-----BEGIN PRIVATE " +
			"KEY-----\nMC4CAQAwBQYDK2VuBCIEIGB+5VJxbo3T8ku1LB2F1sIDQAVWYRIGQ6NPsyUh3lVu\n-----END PRIVATE KEY-----\n",
		"P-224": pkcs8(t, elliptical(t, elliptic.P224())), "P-521": pkcs8(t, elliptical(t, elliptic.P521())),
		"a short RSA key": pkcs8(t, modular(t, 1024)),
		"another block": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY",
			Bytes: []byte("correct horse battery staple")})),
	} {
		key, err := auth.ParseClientKey(text)
		if key != nil || err == nil || !strings.Contains(err.Error(), "no private key") || text != "" &&
			strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v, %v", name, key, err)
		}
	}
}

// OIDC Discovery 1.0 3: a provider that takes no assertions, or none of this kind, is not sent one.
func TestAProviderThatTakesNoSuchAssertionIsNotUsed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"secrets only": rogue.Set("token_endpoint_auth_methods_supported",
			[]string{"client_secret_basic", "client_secret_jwt"}),
		"no methods listed": rogue.Drop("token_endpoint_auth_methods_supported"),
		"another algorithm": rogue.Set("token_endpoint_auth_signing_alg_values_supported", []string{"RS256", "PS256"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			withKey(t, s, pkcs8(t, elliptical(t, elliptic.P256())))
			s.op.Follow(rogue.Script{Discovery: change})
			if _, err := s.begin(t, auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) ||
				!strings.Contains(err.Error(), "takes no private_key_jwt signed with ES256") {
				t.Errorf("%v", err)
			}
		})
	}
}
