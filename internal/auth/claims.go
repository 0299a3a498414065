package auth

import (
	"encoding/json"

	josejson "github.com/go-jose/go-jose/v4/json"
)

// claimNames are the claims that the shop or go-oidc reads.
var claimNames = []string{
	"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "auth_time", "nonce", "acr", "azp", "at_hash", "sid", "events",
	"name", "email", "email_verified",
}

// exact returns a token's claims with the known names alone, letter for letter, and refuses a name
// that is there twice. Package encoding/json would take "SUB" for "sub", and the last of two for
// both; what it reads of the result cannot differ from what stands there (RFC 7519 4, 10.1.1).
func exact(payload []byte) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := josejson.Unmarshal(payload, &all); err != nil {
		return nil, err
	}
	known := make(map[string]json.RawMessage, len(claimNames))
	for _, name := range claimNames {
		if value, there := all[name]; there {
			known[name] = value
		}
	}
	return json.Marshal(known)
}
