package order

import (
	"crypto/rand"
	"encoding/base64"
	"regexp"
)

// alphabet has nothing that is taken for something else: no I, L, O, U, 0 or 1.
const alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

var numberForm = regexp.MustCompile(`^HT-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$`)

// NewNumber makes an order number such as HT-7KQM-2XWD. It is drawn at random, from about 39 bits:
// it may be taken already, and then another has to be drawn.
func NewNumber() string {
	b := make([]byte, 0, 8)
	for len(b) < cap(b) {
		b = append(b, pick())
	}
	return "HT-" + string(b[:4]) + "-" + string(b[4:])
}

// ValidNumber reports whether s could be an order number at all.
func ValidNumber(s string) bool { return numberForm.MatchString(s) }

// NewKey makes an order key: 192 random bits in base64url.
func NewKey() string {
	b := make([]byte, 24)
	rand.Read(b) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// ValidKey reports whether s could be an order key at all.
func ValidKey(s string) bool {
	b, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && len(b) == 24
}

// pick draws one character, each as likely as any other.
func pick() byte {
	var b [1]byte
	for {
		rand.Read(b[:])
		if int(b[0]) < 256/len(alphabet)*len(alphabet) {
			return alphabet[int(b[0])%len(alphabet)]
		}
	}
}
