// Package keyring turns the shop's secret keys into one key for each purpose, and signs and seals
// with them.
//
// A ring holds one or more keys. The first one signs and seals; all of them verify and open. To
// change keys without refusing anything, add the new key last on every replica, then put it first,
// then drop the old key once everything it made has expired. A single replica may start with the
// second step.
package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Purpose says what a derived key is for. What one purpose signed or sealed, no other verifies or
// opens. A program may add purposes; a name is all that is needed, other than "key id", from which
// the key's public name is derived.
type Purpose string

// The purposes the shop has.
const (
	Tag         Purpose = "tag"          // the session's cookie
	Attempt     Purpose = "attempt"      // the cookie of one sign-in attempt
	FormToken   Purpose = "form token"   // the session-bound value in a signed-in customer's forms
	IDToken     Purpose = "id token"     // the provider's ID token at rest
	PendingForm Purpose = "pending form" // a form posted on an ended session
	Lessons     Purpose = "lessons"      // the tutorial's cookie
)

// MinKeyLength is the least number of characters in a key: 32 random bytes make 43 in base64url.
const MinKeyLength = 32

var (
	// ErrForged says that a value was not signed or sealed by any key of the ring for that purpose.
	ErrForged = errors.New("not made by any of our keys")
	// ErrUnsigned says that a value does not have the form of a signed one. It is an ErrForged, too.
	ErrUnsigned = fmt.Errorf("%w: it is not signed", ErrForged)
	// ErrUnknownKey says that a value does not name a key of the ring: a newer or older one of ours
	// made it, or nobody. It is an ErrForged, too.
	ErrUnknownKey = fmt.Errorf("%w: it names none of them", ErrForged)
)

// Ring signs and seals with its first key and accepts all its keys. It is safe for concurrent use.
type Ring struct {
	keys []*key
}

// key is one secret of the ring, with its public name. It keeps the pseudorandom key that HKDF
// extracts from the secret (RFC 5869 2.2), not the secret.
type key struct {
	id      string
	prk     []byte
	derived sync.Map // Purpose to []byte
}

// New makes a ring of secrets, the signing one first. It refuses an empty list, a short key and a
// key given twice.
func New(secrets ...string) (*Ring, error) {
	if len(secrets) == 0 {
		return nil, errors.New("no key given")
	}
	r := &Ring{}
	for i, secret := range secrets {
		if len(secret) < MinKeyLength {
			return nil, fmt.Errorf("key %d has %d characters, at least %d are needed", i+1, len(secret), MinKeyLength)
		}
		k, err := newKey(secret)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		if _, known := r.find(k.id); known {
			return nil, fmt.Errorf("key %d is in the list twice", i+1)
		}
		r.keys = append(r.keys, k)
	}
	return r, nil
}

// Sign returns "keyid.message.mac" for a message without dots.
func (r *Ring) Sign(p Purpose, message string) string {
	k := r.keys[0]
	return k.id + "." + message + "." + k.mac(p, message)
}

// Verify returns the message of a value made by Sign. Newest reports whether the first key of the
// ring signed it. It returns ErrUnsigned for a value in another form than Sign's, ErrUnknownKey for
// one that names no key of the ring, and ErrForged for a wrong signature, in the same time wherever
// the difference is.
func (r *Ring) Verify(p Purpose, value string) (message string, newest bool, err error) {
	parts := strings.Split(value, ".")
	k, known := r.find(parts[0])
	switch {
	case !known && (len(parts) != 3 || len(parts[0]) != len(r.keys[0].id)):
		return "", false, ErrUnsigned
	case !known:
		return "", false, ErrUnknownKey
	}
	if len(parts) != 3 || !hmac.Equal([]byte(k.mac(p, parts[1])), []byte(parts[2])) {
		return "", false, ErrForged
	}
	return parts[1], k.id == r.keys[0].id, nil
}

// MAC returns "keyid.mac" over a message that the reader knows already.
func (r *Ring) MAC(p Purpose, message string) string {
	k := r.keys[0]
	return k.id + "." + k.mac(p, message)
}

// CheckMAC reports whether mac was made by MAC over the same message and purpose, by any key of the
// ring.
func (r *Ring) CheckMAC(p Purpose, message, mac string) bool {
	id, sum, _ := strings.Cut(mac, ".")
	k, known := r.find(id)
	return known && hmac.Equal([]byte(k.mac(p, message)), []byte(sum))
}

// Seal encrypts text (AES-256-GCM) and binds it to a context: Open needs the same purpose and the
// same context. The result is base64url, 28 bytes longer than text before encoding, plus the key
// id.
func (r *Ring) Seal(p Purpose, text []byte, context string) string {
	k := r.keys[0]
	nonce := make([]byte, nonceSize, nonceSize+len(text)+tagSize)
	rand.Read(nonce)
	sealed := k.aead(p).Seal(nonce, nonce, text, []byte(context))
	return k.id + "." + base64.RawURLEncoding.EncodeToString(sealed)
}

// Open decrypts what Seal made, or returns ErrForged.
func (r *Ring) Open(p Purpose, value, context string) ([]byte, error) {
	id, body, _ := strings.Cut(value, ".")
	k, known := r.find(id)
	sealed, err := base64.RawURLEncoding.DecodeString(body) // which passes over line breaks and stray bits
	if !known || err != nil || len(sealed) < nonceSize || base64.RawURLEncoding.EncodeToString(sealed) != body {
		return nil, ErrForged
	}
	text, err := k.aead(p).Open(nil, sealed[:nonceSize], sealed[nonceSize:], []byte(context))
	if err != nil {
		return nil, ErrForged
	}
	return text, nil
}

const (
	nonceSize = 12
	tagSize   = 16
)

func (r *Ring) find(id string) (*key, bool) {
	for _, k := range r.keys {
		if k.id == id {
			return k, true
		}
	}
	return nil, false
}

func (k *key) mac(p Purpose, message string) string {
	h := hmac.New(sha256.New, k.forPurpose(p))
	h.Write([]byte(message))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (k *key) aead(p Purpose) cipher.AEAD {
	block, err := aes.NewCipher(k.forPurpose(p))
	if err != nil {
		panic("keyring: a derived key always has 32 bytes: " + err.Error())
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic("keyring: AES always has 16-byte blocks: " + err.Error())
	}
	return gcm
}

// forPurpose returns the key derived for p. It has 32 bytes whatever p is (RFC 5869 2.3).
func (k *key) forPurpose(p Purpose) []byte {
	// unseen: it only saves deriving the key again
	if d, ok := k.derived.Load(p); ok {
		return d.([]byte)
	}
	d, err := hkdf.Expand(sha256.New, k.prk, "hook and tag: "+string(p), 32)
	if err != nil {
		panic("keyring: HKDF always has 32 bytes to give: " + err.Error())
	}
	k.derived.Store(p, d)
	return d
}

// newKey extracts a key from a secret (RFC 5869 2.2), with an id that names it and says nothing
// about it.
func newKey(secret string) (*key, error) {
	prk, err := hkdf.Extract(sha256.New, []byte(secret), nil)
	if err != nil {
		return nil, err
	}
	id, err := hkdf.Expand(sha256.New, prk, "hook and tag: key id", 4)
	if err != nil {
		return nil, err
	}
	return &key{id: hex.EncodeToString(id), prk: prk}, nil
}
