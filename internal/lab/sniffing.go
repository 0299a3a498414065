package lab

import (
	"net/http"

	"hookandtag.example/shop/internal/mallory"
)

var sniffing = &lesson{
	number: 3, title: "Listening on the line",
	weakness: "The cookie travels in clear: anyone on the line can read it.",
	defences: []mallory.Defence{
		{Key: "secure", Text: "The cookie is Secure: browsers send it over https only"},
		{Key: "tls", Text: "http is redirected to https, and https says to stay there (HSTS)"},
	},
	weaken: func(x *exhibit) {
		x.cookie, x.detour = x.cookieForAnyLine, x.onTheWire
		if x.on["secure"] {
			x.cookie = x.secureCookie
		}
	},
}

// cookieForAnyLine leaves out Secure, so the browser sends the cookie over http too.
func (x *exhibit) cookieForAnyLine(s *session) *http.Cookie {
	return &http.Cookie{Name: "sid", Value: s.id, Path: x.path, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (x *exhibit) secureCookie(s *session) *http.Cookie {
	c := x.soundCookie(s)
	c.Secure = true
	return c
}

// onTheWire shows this learner the connection the request came over, and sends Alice's http to
// https if the switch says so. A browser is left where it is: it does not know who signed the
// twin's certificate, and with HSTS there is no way past its warning. Each request gets a new
// connection, so that the tap's log is easy to read.
func (x *exhibit) onTheWire(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Connection", "close")
	if c := tapOf(r.Context()); c != nil {
		x.wires = append(x.wires, c)
		x.wires = x.wires[max(0, len(x.wires)-maxWires):]
		how := map[bool]string{false: "in clear", true: "over TLS"}[c.tls]
		x.note(mallory.EventWire, "A request "+how+".")
	}
	if !x.on["tls"] || r.UserAgent() != mallory.CustomerAgent {
		return false
	}
	if overTLS(r) {
		sayHSTS(w, r, nil)
		return false
	}
	redirect(w, "https://"+r.Host+r.URL.Path)
	return true
}

// showTap answers with what the wiretap recorded of this learner's requests, the newest first.
func showTap(w http.ResponseWriter, _ *http.Request, x *exhibit) {
	x.mu.Lock()
	defer x.mu.Unlock()
	wires := make([]mallory.Wire, 0, len(x.wires))
	for i := len(x.wires) - 1; i >= 0; i-- {
		wires = append(wires, x.wires[i].wire())
	}
	answerJSON(w, wires)
}
