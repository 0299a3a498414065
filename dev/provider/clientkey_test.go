package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
)

// A client with keys has no secret any more, and nobody else's key counts.
func TestAClientWithKeysMustProveItselfByThem(t *testing.T) {
	t.Parallel()
	own, stranger := signingKey(t), signingKey(t)
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{own.Public()}})
	must(t, err)
	_, issuer := providertest.Start(t, provider.Config{ClientKeys: keys})
	w := &world{T: t, rp: providertest.NewRP(t, issuer, callback), browser: providertest.NewBrowser(t)}
	attempt, code := w.code()
	_, err = w.rp.Exchange(attempt, code)
	wantTokenError(t, err, http.StatusUnauthorized, "invalid_client")
	w.rp.OAuth.ClientSecret, w.rp.OAuth.Endpoint.AuthStyle = "", oauth2.AuthStyleInParams
	for name, c := range map[string]struct {
		key jose.JSONWebKey
		aud string
	}{"a stranger's key": {stranger, issuer}, "for another provider": {own, "https://other.example"}} {
		_, err := w.rp.Exchange(attempt, code, assert(t, c.key, c.aud)...)
		t.Run(name, func(t *testing.T) { wantTokenError(t, err, http.StatusUnauthorized, "invalid_client") })
	}
	if _, err := w.rp.Exchange(attempt, code, assert(t, own, issuer)...); err != nil {
		t.Errorf("by its key: %v", err)
	}
}

func signingKey(t *testing.T) jose.JSONWebKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return jose.JSONWebKey{Key: key, KeyID: rand.Text(), Algorithm: string(jose.ES256)}
}

// assert makes the parameters by which the client proves itself.
func assert(t *testing.T, key jose.JSONWebKey, audience string) []oauth2.AuthCodeOption {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	must(t, err)
	now := time.Now()
	signed, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: "shop", Subject: "shop", Audience: jwt.Audience{audience}, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(time.Minute)),
	}).Serialize()
	must(t, err)
	return []oauth2.AuthCodeOption{providertest.Param("client_assertion", signed),
		providertest.Param("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")}
}
