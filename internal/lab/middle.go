package lab

import (
	"net/http"

	"hookandtag.example/shop/internal/mallory"
)

var middle = &lesson{
	number: 4, title: "The proxy in between",
	weakness: "The customer's client takes every certificate, begins with http, and any host may set our cookie.",
	defences: []mallory.Defence{
		{Key: "verify", Text: "The client checks certificates"},
		{Key: "hsts", Text: "The twin says HSTS over TLS, and the client remembers it"},
		{Key: "prefix", Text: "The cookie is called __Host-sid: only https and only this host may set it"},
	},
	weaken: func(x *exhibit) {
		x.cookie = x.cookieWithPlainName
		if x.on["hsts"] {
			x.headers = sayHSTS
		}
		if x.on["prefix"] {
			x.cookie = x.cookieWithPrefix
		}
	},
}

// cookieWithPlainName has a name that anyone in the middle can set over http.
func (x *exhibit) cookieWithPlainName(s *session) *http.Cookie {
	return &http.Cookie{Name: "sid", Value: s.id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (x *exhibit) cookieWithPrefix(s *session) *http.Cookie {
	c := x.cookieWithPlainName(s)
	c.Name, c.Secure = "__Host-sid", true
	return c
}

// sayHSTS makes the client stay on https, where it may believe that (RFC 6797 7.2).
func sayHSTS(w http.ResponseWriter, r *http.Request, _ *session) {
	if overTLS(r) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
}
