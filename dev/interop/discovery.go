package interop

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"hookandtag.example/shop/dev/provider/providertest"
)

// discover returns a string of the provider's discovery document.
func (f *Fixture) discover(name string) string {
	f.Helper()
	var document map[string]any
	f.fetch(f.Provider.Issuer+"/.well-known/openid-configuration", &document)
	value, _ := document[name].(string)
	if value == "" {
		f.Fatalf("the discovery document lacks %s", name)
	}
	return value
}

// keys are the names of the keys that the provider publishes.
func (f *Fixture) keys() (names []string) {
	f.Helper()
	var published struct {
		Keys []struct {
			Name string `json:"kid"`
		} `json:"keys"`
	}
	f.fetch(f.discover("jwks_uri"), &published)
	for _, k := range published.Keys {
		names = append(names, k.Name)
	}
	return names
}

func (f *Fixture) fetch(address string, into any) {
	f.Helper()
	answer, err := providertest.Client().Get(address)
	if err != nil {
		f.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		f.Fatalf("%s: %v", address, err)
	}
}

// keyOf is the name of the key that signed a token.
func (f *Fixture) keyOf(token string) string {
	f.Helper()
	var header struct {
		Key string `json:"kid"`
	}
	first, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil || json.Unmarshal(text, &header) != nil {
		f.Fatalf("no token: %q", token)
	}
	return header.Key
}
