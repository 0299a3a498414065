package lab

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"hookandtag.example/shop/internal/mallory"
)

var secret = &lesson{
	number: 6, title: "The secret, and a new one",
	weakness: "The cookie is not signed: customer-a is Alice, and one letter further is Bob.",
	defences: []mallory.Defence{
		{Key: "signed", Text: "The cookie is signed with a secret, checked before the store is asked"},
		{Key: "keyring", Text: "A new secret signs, and the old one still verifies"},
	},
	presses: []press{{"rotate", "", "Use a new secret"}},
	weaken: func(x *exhibit) {
		x.signIn = x.signInByLetter
		if x.on["signed"] {
			x.find, x.cookie = x.findSigned, x.signedCookie
		} else {
			x.find = x.findUnsigned
		}
	},
	seed: func(x *exhibit) {
		for _, user := range customers[:2] {
			s := x.begin(letterID(user))
			s.user, s.cart["HOOK"] = user, 1
		}
	},
}

// letterID is a customer's session id: customer-a for Alice.
func letterID(user string) string { return "customer-" + strings.ToLower(user[:1]) }

// findUnsigned believes what the cookie says.
func (x *exhibit) findUnsigned(r *http.Request) *session {
	return x.liveRow(x.sessionValue(r))
}

func (x *exhibit) signInByLetter(old *session, user string) *session {
	s := x.rows[letterID(user)]
	if s == nil {
		s = x.begin(letterID(user))
		s.user = user
	}
	for sku, units := range old.cart {
		s.cart[sku] = max(s.cart[sku], units)
	}
	return s
}

func (x *exhibit) signedCookie(s *session) *http.Cookie {
	c := x.soundCookie(s)
	c.Value = s.id + "." + sign(x.secrets[0], s.id)
	return c
}

// findSigned refuses a cookie that no secret signed, and asks the store only about others.
func (x *exhibit) findSigned(r *http.Request) *session {
	id, mac, _ := strings.Cut(x.sessionValue(r), ".")
	signed := slices.ContainsFunc(x.secrets, func(secret string) bool {
		return hmac.Equal([]byte(mac), []byte(sign(secret, id)))
	})
	if !signed {
		if id != "" {
			x.note(mallory.EventRefused, "A cookie no secret signed was refused; the store was not asked.")
		}
		return nil
	}
	return x.liveRow(id)
}

func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// replaceSecret throws the old secret away, and every signed cookie with it.
func (x *exhibit) replaceSecret() {
	x.secrets = []string{rand.Text()}
}

// addSecret lets a new secret sign and the one before still verify.
func (x *exhibit) addSecret() {
	x.secrets = []string{rand.Text(), x.secrets[0]}
}

func rotateSecret(w http.ResponseWriter, _ *http.Request, x *exhibit) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.on["keyring"] {
		x.addSecret()
	} else {
		x.replaceSecret()
	}
	x.note(mallory.EventSwitched, "There is a new secret.")
	redirect(w, x.path)
}
