package rogue

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

func keyFaults() []Fault {
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Keys = f } }
	add := func(more ...any) func(*Script) {
		return with(func(m map[string]any) { m["keys"] = append(more, m["keys"].([]any)...) })
	}
	// alone changes the provider's own key.
	alone := func(f func(map[string]any)) func(*Script) {
		return with(func(m map[string]any) { f(m["keys"].([]any)[0].(map[string]any)) })
	}
	faults := upTo(KeysPath, broken("keys", "ASVS 15.3.2, 16.5.2", KeysPath, Unavailable))
	for name, key := range StrangeKeys() {
		faults = append(faults, fault("key among the keys: "+name, "RFC 7517 5", add(key), Accepted))
	}
	for name, f := range map[string]func(map[string]any){
		"for another algorithm": Set("alg", "ES256"), "for encryption": Set("use", "enc"),
		"for encryption by its operations": Set("key_ops", []string{"encrypt"}),
		"without modulus":                  Drop("n"), "with a broken certificate": Set("x5c", []string{"AAAA"}),
		"of another kind": Set("kty", "oct"),
	} {
		faults = append(faults,
			Fault{Name: "signing key " + name, Clause: "RFC 7517 4, 5", Change: alone(f), Want: "signature", Last: KeysPath})
	}
	weak := func(s *Script) {
		s.Signature = Weak
		add(publicKey(weakKey().Public(), "weak", ""))(s)
	}
	return append(faults,
		Fault{Name: "signing key of 1024 bits", Clause: "RFC 7518 3.3", Change: weak, Want: "signature", Last: KeysPath},
		Fault{Name: "no keys", Clause: "OIDC Core 10.1", Change: with(Set("keys", []any{})), Want: "signature",
			Last: KeysPath},
		Fault{Name: "no key set", Clause: "RFC 7517 5", Change: with(Drop("keys")), Want: Unavailable, Last: KeysPath},
		fault("keys like the conformance suite's", "RFC 7517 5", ConformanceKeys, Accepted),
		fault("keys like the conformance suite's, userinfo signed", "RFC 7517 5", func(s *Script) {
			ConformanceKeys(s)
			s.JWTInfo = true
		}, Accepted),
		fault("another's key of the same kid among the keys", "RFC 7517 4.5", add(impostor()), Accepted),
	)
}

// impostor is a key that is not the one its kid says.
func impostor() any {
	k := keySet([]key{newKey(foreign)})["keys"].([]any)[0].(map[string]any)
	k["kid"] = "key-0"
	return k
}

// secp256k1 is on a curve that go-jose does not know, and names no algorithm by which it could be
// passed over.
var secp256k1 = map[string]any{
	"kty": "EC", "use": "sig", "crv": "secp256k1", "kid": "secp256k1",
	"x": "eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g", "y": "SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_sQ1Lg",
}

// StrangeKeys are keys that a client cannot or may not check signatures with, each by what is
// strange in it.
func StrangeKeys() map[string]any {
	right := publicKey(newKey(foreign).private.Public(), "strange", "")
	but := func(change func(map[string]any)) any {
		k := maps.Clone(right)
		change(k)
		return k
	}
	return map[string]any{
		"secp256k1 without alg": secp256k1, "unknown kty": map[string]any{"kty": "unknown", "kid": "x"},
		"no kty": but(Drop("kty")), "no n": but(Drop("n")),
		"no e": but(Drop("e")), "n no base64": but(Set("n", "!")), "broken x5c": but(Set("x5c", []string{"AAAA"})),
		"x5c of text":  but(Set("x5c", "AAAA")),
		"kid a number": but(Set("kid", 1)), "alg a number": but(Set("alg", 1)), "use enc": but(Set("use", "enc")),
		"alg ES256K": but(Set("alg", "ES256K")),
		"a number":   1, "null": nil, "text": "key", "symmetric": map[string]any{"kty": "oct", "k": "AAAA", "kid": "strange"},
		"point not on its curve": map[string]any{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "strange"},
		"Ed448":                  map[string]any{"kty": "OKP", "crv": "Ed448", "x": "AAAA", "kid": "strange"},
	}
}

// ConformanceKeys publishes a set like the OpenID Foundation's conformance suite: for signing RSA,
// P-256, secp256k1 without alg and Ed25519, and two for encryption.
func ConformanceKeys(s *Script) {
	s.Keys = func(m map[string]any) {
		own := m["keys"].([]any)[0]
		m["keys"] = []any{
			own, publicKey(ellipticKey().Public(), "elliptic", "sig"), secp256k1,
			publicKey(edwardsKey().Public(), "edwards", "sig"),
			publicKey(newKey(foreign).private.Public(), "rsa-enc", "enc"), publicKey(elliptic384Key().Public(), "ec-enc", "enc"),
		}
	}
}

var weakKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 1024)) })

func publicKey(public any, kid, use string) map[string]any {
	return document(jose.JSONWebKey{Key: public, KeyID: kid, Use: use})
}
