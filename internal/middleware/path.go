package middleware

import (
	"net/http"
	"path"
	"regexp"
	"strings"
)

// CanonicalPath answers 308 to a path that is written in another way than the router knows it: with
// a slash at its end, doubled slashes, dot segments, or a letter, digit, "-", ".", "_" or "~" that
// is percent-encoded (RFC 3986 6.2.2). An escaped slash stays: it is another path. The address in
// the answer begins with origin, never with what the client sent, so that "//evil.example/" leads
// to a page of ours (ASVS 3.7.2).
func CanonicalPath(origin string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			given := r.URL.EscapedPath()
			wanted := path.Clean(decodeUnreserved(given))
			if given == wanted || !strings.HasPrefix(given, "/") { // OPTIONS * has no path
				next.ServeHTTP(w, r)
				return
			}
			if r.URL.RawQuery != "" {
				wanted += "?" + r.URL.RawQuery
			}
			w.Header().Set("Location", origin+wanted)
			w.WriteHeader(http.StatusPermanentRedirect)
		})
	}
}

var escape = regexp.MustCompile(`%(2[DdEe]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])`)

// decodeUnreserved decodes every escape of an unreserved character (RFC 3986 2.3).
func decodeUnreserved(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	return escape.ReplaceAllStringFunc(path, unescape)
}
