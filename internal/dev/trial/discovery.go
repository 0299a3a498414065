package trial

import (
	"encoding/json"

	"hookandtag.example/shop/internal/dev/provider/providertest"
)

// discover returns a string of the provider's discovery document.
func (w *World) discover(name string) string {
	w.Helper()
	answer, err := providertest.Client().Get(w.Provider.Issuer + "/.well-known/openid-configuration")
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	var document map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&document); err != nil {
		w.Fatal(err)
	}
	value, _ := document[name].(string)
	if value == "" {
		w.Fatalf("the provider tells no %s", name)
	}
	return value
}
