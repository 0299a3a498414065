package middleware

import (
	"errors"
	"net/http"
	"strings"

	"hookandtag.example/shop/internal/fetchmetadata"
)

// What a browser says of a request that is refused.
var (
	ErrCrossOrigin = errors.New("sent by another site")
	ErrEmbedded    = errors.New("requested by another site's page, not by a person going there")
	ErrSpeculative = errors.New("loaded ahead with cookies")
)

// CrossOrigin refuses what another site makes a browser send (ASVS 3.5.1). It stands before
// everything that reads the session: a refused request touches none and gets no cookie. No origin
// and no path is exempt from it.
//
// net/http's protection lets a request pass that has neither Sec-Fetch-Site nor Origin (not a
// browser, or a very old one); a form of a customer then still needs its token. One thing is
// stricter here: without Sec-Fetch-Site the whole origin must be ours, scheme included.
func CrossOrigin(origin string, fail Fail) func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := protection.Check(r); err != nil || otherScheme(r, origin) {
				fail(w, r, ErrCrossOrigin)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func otherScheme(r *http.Request, origin string) bool {
	sent := r.Header.Get("Origin")
	safe := IsGetOrHead(r) || r.Method == http.MethodOptions // what net/http's protection calls safe
	return !safe && r.Header.Get("Sec-Fetch-Site") == "" && sent != "" && !strings.EqualFold(sent, origin)
}

// SameSiteOnly lets pages be read by our own pages and by a person who goes there, and not by
// another site that embeds or fetches them (ASVS 3.2.1, 3.5.8). A browser that sends no
// Sec-Fetch-Site passes: SameSite=Lax holds for it. A page loaded ahead must not extend a session,
// so one with cookies is declined; the browser asks again when the visitor goes.
func SameSiteOnly(fail Fail) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case IsGetOrHead(r) && fetchmetadata.Speculative(r) && r.Header.Get("Cookie") != "":
				fail(w, r, ErrSpeculative)
			case IsGetOrHead(r) && fetchmetadata.Embedded(r):
				fail(w, r, ErrEmbedded)
			default:
				next.ServeHTTP(w, r)
			}
		})
	}
}

// TopLevelOnly lets only the whole window come here, not a frame, an image or a script. A browser
// that sends no Fetch Metadata passes.
func TopLevelOnly(fail Fail) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if fetchmetadata.Speculative(r) || !fetchmetadata.TopLevel(r) {
				fail(w, r, ErrEmbedded)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// IsGetOrHead reports whether the method promises to change nothing.
func IsGetOrHead(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}
