package interop

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"hookandtag.example/shop/dev/provider/providertest"
)

// discover returns a string of the provider's discovery document.
func (w *World) discover(name string) string {
	w.Helper()
	var document map[string]any
	w.fetch(w.Provider.Issuer+"/.well-known/openid-configuration", &document)
	value, _ := document[name].(string)
	if value == "" {
		w.Fatalf("the discovery document lacks %s", name)
	}
	return value
}

// keys are the names of the keys that the provider publishes.
func (w *World) keys() (names []string) {
	w.Helper()
	var published struct {
		Keys []struct {
			Name string `json:"kid"`
		} `json:"keys"`
	}
	w.fetch(w.discover("jwks_uri"), &published)
	for _, k := range published.Keys {
		names = append(names, k.Name)
	}
	return names
}

func (w *World) fetch(address string, into any) {
	w.Helper()
	answer, err := providertest.Client().Get(address)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		w.Fatalf("%s: %v", address, err)
	}
}

// keyOf is the name of the key that signed a token.
func (w *World) keyOf(token string) string {
	w.Helper()
	var header struct {
		Key string `json:"kid"`
	}
	first, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil || json.Unmarshal(text, &header) != nil {
		w.Fatalf("no token: %q", token)
	}
	return header.Key
}
