package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"
)

// maxSkipped bounds what is remembered of keys left out.
const maxSkipped = 100

// parse reads a JSON Web Key Set. A key that cannot be read, or that no signature may be checked
// with, is left out and named in the log, once: the others are no worse for it (RFC 7517 5).
func (k *keys) parse(ctx context.Context, document []byte) ([]jose.JSONWebKey, error) {
	var all struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := josejson.Unmarshal(document, &all); err != nil || all.Keys == nil {
		return nil, errors.New("the key document is not a JSON Web Key Set")
	}
	var set []jose.JSONWebKey
	for i, text := range all.Keys {
		key, level, err := k.parseKey(text)
		if err == nil {
			set = append(set, key)
			continue
		}
		if name := string(text); !k.skipped[name] && len(k.skipped) < maxSkipped {
			k.skipped[name] = true
			k.log.Log(ctx, level, "signing key left out", "kid", printable(key.KeyID), "position", i+1, "reason",
				printable(err.Error()))
		}
	}
	return set, nil
}

// parseKey reads one key, or says why it is left out, and whether an operator should care.
func (k *keys) parseKey(text []byte) (key jose.JSONWebKey, level slog.Level, err error) {
	var about struct {
		ID         string   `json:"kid"`
		Use        string   `json:"use"`
		Operations []string `json:"key_ops"`
		Algorithm  string   `json:"alg"`
	}
	if err := josejson.Unmarshal(text, &about); err != nil {
		return key, slog.LevelWarn, err
	}
	key.KeyID = about.ID
	switch {
	// RFC 7517 4.2, 4.3
	case about.Use != "" && about.Use != "sig", about.Operations != nil && !slices.Contains(about.Operations, "verify"):
		return key, slog.LevelInfo, errors.New("it is not for signatures")
	case about.Algorithm != "" && !slices.Contains(k.algorithms, jose.SignatureAlgorithm(about.Algorithm)): // RFC 7517 4.4
		return key, slog.LevelInfo, fmt.Errorf("it is for %s, which may not sign", about.Algorithm)
	}
	if err := key.UnmarshalJSON(text); err != nil {
		return jose.JSONWebKey{KeyID: about.ID}, slog.LevelWarn, err
	}
	if !slices.ContainsFunc(k.algorithms, func(a jose.SignatureAlgorithm) bool { return signs(key, string(a)) }) {
		level := slog.LevelWarn // a secret among the keys, or one that is too short
		if _, isRSA := key.Key.(*rsa.PublicKey); key.IsPublic() && !isRSA {
			level = slog.LevelInfo
		}
		return key, level, errors.New("it is no public key of a kind and size that an allowed algorithm signs with")
	}
	return key, 0, nil
}

// signs reports whether signatures with an algorithm may be checked with a key. RSA keys of more
// than 4096 bits, which cost seconds, go-jose does not read (RFC 7518 3.3-3.5, RFC 8037 3.1).
func signs(key jose.JSONWebKey, algorithm string) bool {
	if key.Algorithm != "" && key.Algorithm != algorithm {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return (strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")) &&
			public.N.BitLen() >= minModulus
	case *ecdsa.PublicKey:
		return map[string]string{"ES256": "P-256", "ES384": "P-384",
			"ES512": "P-521"}[algorithm] == public.Curve.Params().Name
	case ed25519.PublicKey:
		return algorithm == string(jose.EdDSA)
	}
	return false
}
