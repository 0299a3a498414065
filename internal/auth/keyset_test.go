package auth_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/auth"
)

// rsaKey is a public key of that many bits, which a client reads and no signature is of.
func rsaKey(bits int, more map[string]any) map[string]any {
	modulus := make([]byte, (bits+7)/8)
	modulus[0], modulus[len(modulus)-1] = 1<<((bits-1)%8), 1
	key := map[string]any{"kty": "RSA", "e": "AQAB", "n": base64.RawURLEncoding.EncodeToString(modulus)}
	for name, value := range more {
		key[name] = value
	}
	return key
}

var p256 = map[string]any{
	"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
	"y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}

// RFC 7517 4.2-4.4, RFC 7518 3.3-3.5: which keys of a set may check signatures, and whether an
// operator has to care about one that may not: only when the provider means it for signing here.
func TestWhichKeysMayCheckSignatures(t *testing.T) {
	t.Parallel()
	const warn, info = "WARN", "INFO"
	for _, c := range []struct {
		name          string
		key           map[string]any
		level, reason string // of the log's line about a key left out
	}{
		{"without use, key_ops and alg", rsaKey(2048, nil), "", ""},
		{"for signatures", rsaKey(2048, map[string]any{"use": "sig", "alg": "RS256"}), "", ""},
		{"for verifying", rsaKey(2048, map[string]any{"key_ops": []string{"verify"}}), "", ""},
		{"of the most bits", rsaKey(4096, nil), "", ""},
		{"for encryption", rsaKey(2048, map[string]any{"use": "enc"}), info, "not for signatures"},
		{"for wrapping keys", rsaKey(2048, map[string]any{"key_ops": []string{"wrapKey"}}), info, "not for signatures"},
		{"for nothing", rsaKey(2048, map[string]any{"key_ops": []string{}}), info, "not for signatures"},
		{"for RS512, which is not allowed", rsaKey(2048, map[string]any{"alg": "RS512"}), info, "RS512, which may not sign"},
		{"of 2047 bits", rsaKey(2047, nil), warn, "kind and size"},
		{"of 4097 bits", rsaKey(4097, nil), warn, "too large"},
		{"on a curve that is not allowed", p256, info, "kind and size"},
		{"a secret", map[string]any{"kty": "oct", "k": "c2VjcmV0"}, warn, "kind and size"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			kept, log := parse(t, []string{"RS256", "PS256"}, c.key)
			if (kept == 1) != (c.level == "") || kept > 1 {
				t.Errorf("got %d keys kept, want the key kept: %t", kept, c.level == "")
			}
			if got := strings.Count(log, "signing key left out"); got != 1-kept || !strings.Contains(log, c.reason) ||
				c.level != "" && !strings.Contains(log, `"level":"`+c.level+`"`) {
				t.Errorf("got the log %q, want a line at %q that says %q", log, c.level, c.reason)
			}
		})
	}
}

// A set of strange keys without end fills neither memory nor log.
func TestTheLogNamesAHundredStrangeKeysAtMost(t *testing.T) {
	t.Parallel()
	var set []map[string]any
	for i := range 150 {
		set = append(set, map[string]any{"kty": "unknown", "kid": fmt.Sprint(i)})
	}
	if _, log := parse(t, []string{"RS256"}, set...); strings.Count(log, "signing key left out") != 100 {
		t.Errorf("got %d lines for 150 keys, want 100", strings.Count(log, "signing key left out"))
	}
}

// RFC 7517 4.4, RFC 7518 3.1: a key checks the signatures of its own algorithm and kind alone.
func TestAKeyChecksItsOwnAlgorithmOnly(t *testing.T) {
	t.Parallel()
	ec := func(algorithm string) map[string]any {
		return map[string]any{"kty": "EC", "crv": "P-256", "x": p256["x"], "y": p256["y"], "alg": algorithm}
	}
	for _, c := range []struct {
		key       map[string]any
		algorithm string
		want      bool
	}{
		{rsaKey(2048, nil), "RS256", true},
		{rsaKey(2048, nil), "PS256", true},
		{rsaKey(2048, nil), "ES256", false},
		{rsaKey(2048, map[string]any{"alg": "RS256"}), "RS256", true},
		{rsaKey(2048, map[string]any{"alg": "RS256"}), "PS256", false},
		{p256, "ES256", true},
		{p256, "ES384", false},
		{p256, "RS256", false},
		{ec("ES256"), "ES256", true},
	} {
		if got := auth.Signs(document(t, c.key), c.algorithm); got != c.want {
			t.Errorf("%v checks %s: got %t, want %t", c.key, c.algorithm, got, c.want)
		}
	}
}

// parse reads a set of keys and returns how many are kept, and the log.
func parse(t *testing.T, algorithms []string, set ...map[string]any) (kept int, log string) {
	t.Helper()
	var text bytes.Buffer
	kept, err := auth.ParseKeys(auth.Config{Algorithms: algorithms, Log: slog.New(slog.NewJSONHandler(&text, nil))},
		document(t, map[string]any{"keys": set}))
	if err != nil {
		t.Fatal(err)
	}
	return kept, text.String()
}

func document(t *testing.T, value map[string]any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
