package auth

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxReturnTo keeps five attempts together within what servers take as one Cookie header.
// ASVS 3.3.5.
const maxReturnTo = 512

// LocalPath returns the path and query of s if they lead, in every browser, to a page of the shop
// itself, and "" otherwise. It returns "" for the paths of signing in and out, to avoid redirect
// loops. The result has at most 512 visible ASCII characters, no fragment, and is itself a
// LocalPath (ASVS 3.7.2).
func LocalPath(s string) string {
	if len(s) > maxReturnTo || !strings.HasPrefix(s, "/") || strings.ContainsFunc(s, treacherous) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme+u.Host+u.Opaque != "" || u.User != nil {
		return ""
	}
	if strings.ContainsFunc(u.Path, treacherous) || !clean(u.Path) || isSignInPath(u.Path) {
		return ""
	}
	local := u.EscapedPath()
	if u.RawQuery != "" {
		local += "?" + visible(u.RawQuery)
	}
	if len(local) > maxReturnTo {
		return ""
	}
	return local
}

// treacherous are the characters that browsers drop (so that "/\t/e" becomes "//e"), take for a
// slash, or that end a header, and whatever is not UTF-8.
func treacherous(r rune) bool {
	return r < ' ' || r == '\\' || r == 0x7f || r == utf8.RuneError
}

// clean reports whether a decoded path has no empty and no dot segment, which the next hop might
// read as another path or a host.
func clean(p string) bool {
	// "//" is the one path that differs from its clean form by no more than a slash at its end.
	return p == "/" || (p != "//" && path.Clean(p) == strings.TrimSuffix(p, "/"))
}

func isSignInPath(p string) bool {
	return strings.HasPrefix(p, "/auth/") ||
		slices.Contains([]string{"/auth", "/login", "/logout", "/signed-out"}, strings.TrimSuffix(p, "/"))
}

// visible escapes what does not belong into a URL's query as it stands.
func visible(query string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(query) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}#", c) >= 0 {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
