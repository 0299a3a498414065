package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"hookandtag.example/shop/internal/auth"
)

// ClientKey makes a key by which the shop authenticates, as OIDC_CLIENT_KEY takes it, and the
// public key to register at the provider.
func ClientKey(t *testing.T) (private, public string) {
	t.Helper()
	made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(made)
	if err != nil {
		t.Fatal(err)
	}
	private = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	key, err := auth.ParseClientKey(private)
	if err != nil {
		t.Fatal(err)
	}
	set, err := auth.JWKS(key)
	if err != nil {
		t.Fatal(err)
	}
	return private, string(set)
}
