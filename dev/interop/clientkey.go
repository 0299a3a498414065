package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/auth"
)

// ClientKey makes a key by which the shop authenticates, as OIDC_CLIENT_KEY takes it, and the
// public key to register at the provider.
func ClientKey(t *testing.T) (private, public string) {
	t.Helper()
	made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	shoptest.Must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(made)
	shoptest.Must(t, err)
	private = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	key, err := auth.ParseClientKey(private)
	shoptest.Must(t, err)
	set, err := auth.JWKS(key)
	shoptest.Must(t, err)
	return private, string(set)
}
