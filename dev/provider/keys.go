package provider

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	keyFile  = "signing-keys.json"
	keysKept = 3
	keyBits  = 2048
)

// keyStore holds the signing keys, newest first, in memory and in a file only its owner reads.
type keyStore struct {
	path string

	mu   sync.RWMutex
	keys []jose.JSONWebKey
}

// openKeys reads the keys of dir, or makes the first one there.
func openKeys(dir string) (*keyStore, error) {
	k := &keyStore{path: filepath.Join(dir, keyFile)}
	content, err := os.ReadFile(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return k, k.rotate()
	}
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(content, &set); err != nil {
		return nil, fmt.Errorf("signing keys in %s: %w", k.path, err)
	}
	if len(set.Keys) == 0 || set.Keys[0].IsPublic() || !set.Keys[0].Valid() {
		return nil, fmt.Errorf("signing keys in %s: no private key first; delete the file to get a new one", k.path)
	}
	k.keys = set.Keys
	return k, nil
}

// rotate puts a new key in front and forgets all but the newest keysKept. When the file cannot
// be written nothing changes.
func (k *keyStore) rotate() error {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return fmt.Errorf("make signing key: %w", err)
	}
	next := jose.JSONWebKey{Key: private, KeyID: rand.Text(), Algorithm: string(jose.RS256), Use: "sig"}

	k.mu.Lock()
	defer k.mu.Unlock()
	keys := append([]jose.JSONWebKey{next}, k.keys...)
	keys = keys[:min(len(keys), keysKept)]
	content, err := json.MarshalIndent(jose.JSONWebKeySet{Keys: keys}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(k.path, content, 0o600); err != nil {
		return fmt.Errorf("save signing keys: %w", err)
	}
	k.keys = keys
	return nil
}

// current is the key that signs.
func (k *keyStore) current() key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return key{k.keys[0]}
}

// published lists the public half of every key that still verifies.
func (k *keyStore) published() []op.Key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	public := make([]op.Key, len(k.keys))
	for i, jwk := range k.keys {
		public[i] = key{jwk.Public()}
	}
	return public
}

// sign makes a JWT of that type; the library's own signers always say "JWT".
func (k *keyStore) sign(typ string, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: k.current().jwk},
		(&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// key is op.SigningKey with its private half, op.Key with its public one.
type key struct{ jwk jose.JSONWebKey }

func (k key) ID() string                                  { return k.jwk.KeyID }
func (k key) Key() any                                    { return k.jwk.Key }
func (k key) Algorithm() jose.SignatureAlgorithm          { return jose.RS256 }
func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k key) Use() string                                 { return "sig" }
