package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"hookandtag.example/shop/internal/keyring"
)

// ID is the store's key of a session: the SHA-256 of the token in its tag (ASVS 14.2.4). It opens
// nothing.
type ID [sha256.Size]byte

// IsZero reports whether id is the zero ID, which names no session.
func (id ID) IsZero() bool { return id == ID{} }

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// tokenLength is the length of 32 random bytes in unpadded base64url (ASVS 7.2.3: at least 128
// bits).
const tokenLength = 43

func identify(token string) ID { return sha256.Sum256([]byte(token)) } // ASVS 14.2.4

// tag is the session cookie of a request.
type tag struct {
	token     string // "": none, or refused before the store was asked
	newestKey bool   // signed by the first key
	why       Refusal
}

// Refusal says why a tag was refused.
type Refusal string

// Why a tag is refused. Only UnknownTag needs the store.
const (
	ForgedTag   Refusal = "forged" // has a wrong signature under one of our keys: a guess or an attack
	RepeatedTag Refusal = "sent twice"
	UnsignedTag Refusal = "unsigned" // does not have the form of a tag
	// ForeignTag names a key that this process lacks: it may be old, or come from a replica that has
	// a newer key.
	ForeignTag Refusal = "foreign"
	UnknownTag Refusal = "unknown" // is signed by us, but its session was swept or never begun
)

// readTag accepts the tag if exactly one cookie has its name and one of the keys signed it. It does
// not look at the URL, form fields or other headers.
func (m *Manager) readTag(r *http.Request) tag {
	cookies := r.CookiesNamed(m.CookieName())
	switch len(cookies) {
	case 0:
		return tag{}
	case 1:
	default:
		return tag{why: RepeatedTag} // RFC 6265bis 4.2.2: servers should not rely on the order of cookies
	}
	token, newest, err := m.config.Keys.Verify(keyring.Tag, cookies[0].Value)
	switch {
	case errors.Is(err, keyring.ErrUnsigned):
		return tag{why: UnsignedTag}
	case errors.Is(err, keyring.ErrUnknownKey):
		return tag{why: ForeignTag}
	case err != nil || len(token) != tokenLength: // ASVS 7.2.3
		return tag{why: ForgedTag}
	}
	return tag{token: token, newestKey: newest}
}

// CookieName is the tag's name: "__Host-tag", or "tag" on plain http.
func (m *Manager) CookieName() string {
	if m.config.Insecure {
		return "tag"
	}
	return "__Host-tag"
}

// cookie is the tag for a token. Without maxAge it goes when the browser closes (NIST 800-63B 5.1);
// a negative one deletes it.
func (m *Manager) cookie(token string, maxAge time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name:     m.CookieName(),       // ASVS 3.3.3
		Path:     "/",                  // RFC 6265bis 4.1.3.2: __Host- requires it
		Secure:   !m.config.Insecure,   // ASVS 3.3.1
		HttpOnly: true,                 // ASVS 3.3.4
		SameSite: http.SameSiteLaxMode, // ASVS 3.3.2
		MaxAge:   int(maxAge / time.Second),
	}
	if token != "" {
		c.Value = m.config.Keys.Sign(keyring.Tag, token)
	}
	if maxAge < 0 {
		c.MaxAge = -1
	}
	return c
}

// newLogID returns the random name of a session in the log. It opens nothing.
func newLogID() string { return rand.Text()[:16] }

// handleLength is the number of random bytes in a handle.
const handleLength = 16

// newHandle returns the random name of a session on pages. It opens nothing.
func newHandle() string {
	b := make([]byte, handleLength)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// ValidHandle reports whether a text could be the handle of a session.
func ValidHandle(text string) bool {
	// Decoding ignores line breaks and stray bits; encoding again finds them.
	b, _ := base64.RawURLEncoding.DecodeString(text)
	return len(b) == handleLength && base64.RawURLEncoding.EncodeToString(b) == text // ASVS 2.2.1
}
