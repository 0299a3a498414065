package lab

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

var signingOut = &lesson{
	number: 12, title: "Signing out, really",
	weakness: "The cookie is a signed token that says who you are until it expires. Signing out only forgets it.",
	defences: []mallory.Defence{
		{Key: "revoke", Text: "The server keeps a record of each sign-in, and sign-out ends it"},
		{Key: "nostore", Text: "Personal pages are no-store, and sign-out clears the cache: Back does not show them"},
	},
	weaken: func(x *exhibit) {
		x.cookie, x.find = x.tokenCookie, x.findByToken
		if x.on["revoke"] {
			x.find = x.findByRecordOfToken
		}
		x.headers = letBrowsersStore
		if x.on["nostore"] {
			x.headers, x.leave = clearRecentPages, leaveByAPage
		}
	},
}

// claims are what the token says, as in a JWT.
type claims struct {
	ID      string `json:"jti"`
	Subject string `json:"sub"`
	Expires int64  `json:"exp"`
}

// tokenCookie puts the customer's name into a signed token.
func (x *exhibit) tokenCookie(s *session) *http.Cookie {
	c := x.soundCookie(s)
	c.Name = "token"
	text, _ := json.Marshal(claims{ID: s.id, Subject: s.user, Expires: x.now().Add(absoluteLimit).Unix()})
	body := base64.RawURLEncoding.EncodeToString(text)
	c.Value = body + "." + sign(x.secrets[0], body)
	return c
}

// findByToken asks nobody: a good signature that has not expired is enough.
func (x *exhibit) findByToken(r *http.Request) *session {
	body, mac, _ := strings.Cut(x.sessionValue(r), ".")
	text, err := base64.RawURLEncoding.DecodeString(body)
	var said claims
	if err != nil || !hmac.Equal([]byte(mac), []byte(sign(x.secrets[0], body))) || json.Unmarshal(text, &said) != nil {
		return nil
	}
	if !x.now().Before(time.Unix(said.Expires, 0)) {
		return nil
	}
	s := x.row(said.ID)
	if s == nil {
		s = &session{id: said.ID, user: said.Subject, cart: map[string]int{}}
	}
	return s
}

// findByRecordOfToken asks the store whether the sign-in that the token names has ended.
func (x *exhibit) findByRecordOfToken(r *http.Request) *session {
	s := x.findByToken(r)
	if s == nil {
		return nil
	}
	return x.liveRow(s.id)
}

// letBrowsersStore lets the browser keep a page, and show it again after sign-out.
func letBrowsersStore(w http.ResponseWriter, _ *http.Request, _ *session) {
	w.Header().Set("Cache-Control", "private, max-age=600")
}

// clearRecentPages empties the browser's back/forward cache, where Chromium keeps pages though they
// are no-store. A page enters it when the next one is on screen, so the cache is cleared by the
// sign-out and by the page after it.
func clearRecentPages(w http.ResponseWriter, r *http.Request, s *session) {
	if s == nil || strings.HasSuffix(r.URL.Path, "/sign-out") {
		w.Header().Set("Clear-Site-Data", `"cache"`)
	}
}

// leaveByAPage comes between the personal page and the next one. A redirect would come too early to
// clear anything.
func leaveByAPage(w http.ResponseWriter, to string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w,
		`<!DOCTYPE html><title>Signed out</title><meta http-equiv="refresh" content="0;url=%[1]s"><a href="%[1]s">Continue</a>`, to)
}
