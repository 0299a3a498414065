package interop

import (
	"encoding/json"

	"github.com/go-jose/go-jose/v4"

	"hookandtag.example/shop/dev/provider/providertest"
	"hookandtag.example/shop/dev/shoptest"
)

// metadata is what the provider's discovery document says.
func (f *Fixture) metadata() providertest.Metadata {
	f.Helper()
	return providertest.NewRP(f, f.Provider.Issuer, f.Place.Callback()).Metadata
}

// keys are the names of the keys that the provider publishes.
func (f *Fixture) keys() (names []string) {
	f.Helper()
	answer, err := providertest.Client().Get(f.metadata().Keys)
	shoptest.Must(f, err)
	defer answer.Body.Close()
	var published jose.JSONWebKeySet
	shoptest.Must(f, json.NewDecoder(answer.Body).Decode(&published))
	for _, k := range published.Keys {
		names = append(names, k.KeyID)
	}
	return names
}

// keyOf is the name of the key that signed a token.
func (f *Fixture) keyOf(token string) string {
	f.Helper()
	algorithms := []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA}
	signed, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil {
		f.Fatalf("no token: %q: %v", token, err)
	}
	return signed.Signatures[0].Header.KeyID
}
