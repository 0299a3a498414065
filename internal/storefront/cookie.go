package storefront

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The cookies this package sets, by the name they have over plain http; otherwise __Host- stands
// before it. The session's cookie is made in session/tag.go.
const (
	pendingFormCookie = "pending" // a form posted on an ended session, sealed
	noticeCookie      = "notice"  // what a press has done, for the page that follows: see notice.go
	// the provider has to ask at the next sign-in: it may not have signed out, or its authentication
	// is too old
	askCookie = "ask"
)

func (s *Server) cookieName(name string) string {
	if s.config.Insecure {
		return name
	}
	return "__Host-" + name
}

// setCookie sets one of our cookies (ASVS 3.3.1 to 3.3.4); an empty value deletes it.
func (s *Server) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	c := &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: !s.config.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	dropSet(w.Header(), c.Name)
	http.SetCookie(w, c)
	w.Header().Set("Cache-Control", noStore)
}

// dropSet takes back what this answer was to do to a cookie, so that no name is in it twice
// (RFC 6265bis 4.1.1).
func dropSet(h http.Header, name string) {
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, name+"=")
	})
}

// cookie returns the value of one of our cookies. Like the tag, one that comes twice is believed in
// neither form.
func (s *Server) cookie(r *http.Request, name string) string {
	cookies := r.CookiesNamed(s.cookieName(name))
	if len(cookies) != 1 {
		return ""
	}
	return cookies[0].Value
}

// secureOverHTTP reports whether this shop sets Secure cookies over plain http, as at localhost.
// Safari keeps none.
func (s *Server) secureOverHTTP() bool { return !s.config.Insecure && s.base.Scheme == "http" }
