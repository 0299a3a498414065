package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/auth"
)

// No cookie is an attempt but the one that was sealed, whatever stands under its name.
func FuzzAttemptCookie(f *testing.F) {
	p, used, op := fuzzed(f)
	w := httptest.NewRecorder()
	address, err := p.Begin(f.Context(), w, httptest.NewRequest(http.MethodPost, base+"/login", nil),
		auth.Begin{ReturnTo: "/cart"})
	if err != nil {
		f.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		f.Fatal(err)
	}
	sealed := w.Result().Cookies()[0]
	asked := len(op.Requests(""))
	for _, seed := range []string{"", "x", sealed.Value[:len(sealed.Value)-1], sealed.Value + "=", sealed.Value + "; " +
		sealed.Name + "=" + sealed.Value, `"` + sealed.Value} {
		f.Add(seed)
	}
	callback := base + "/auth/callback?" + url.Values{"state": {u.Query().Get("state")}, "code": {"code"}}.Encode()
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodGet, callback, nil)
		r.Header.Set("Cookie", sealed.Name+"="+value)
		if sent := r.CookiesNamed(sealed.Name); len(sent) == 1 && sent[0].Value == sealed.Value {
			return
		}
		w := httptest.NewRecorder()
		authn, err := p.Finish(t.Context(), w, r)
		if !errors.Is(err, auth.ErrNoAttempt) || (authn != auth.Authentication{}) || used.count() != 0 ||
			len(op.Requests("")) != asked {
			t.Errorf("%q: %v, %+v", value, err, authn)
		}
		for _, c := range w.Result().Cookies() {
			if c.Name != sealed.Name || c.MaxAge >= 0 {
				t.Errorf("%q: sets %v", value, c)
			}
		}
	})
}

// Wherever a visitor is led, the browser's own way of reading addresses leads to the shop too.
// ASVS 3.7.2.
func FuzzReturnTo(f *testing.F) {
	for _, seed := range []string{"/cart", "//e", "/\\e", "\\\\e", "/\t/e", "/\n\\e", " //e", "https:e", "https:/e",
		"https:\\\\e", "http:e", "javascript:x", "/%2f/e", "/a/..//e", "/.//e", "/%2e%2e//e", "/%09/e", "/@e", "/:80",
		"/?//e", "/#//e", "/\u3002e", "/\uff0f\uff0fe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		local := auth.LocalPath(given)
		if local == "" {
			return
		}
		for _, page := range []string{base + "/", base + "/login?return_to=x", base + "/auth/callback"} {
			if origin := browserOrigin(page, local); origin != base {
				t.Errorf("%q becomes %q and leads from %s to %q", given, local, page, origin)
			}
		}
		r := httptest.NewRequest(http.MethodGet, base+local, nil)
		if r.Host != strings.TrimPrefix(base, "https://") || r.URL.Path == "" || r.URL.Path[0] != '/' {
			t.Errorf("%q becomes %q, which is host %q, path %q", given, local, r.Host, r.URL.Path)
		}
	})
}

// browserOrigin resolves a reference on an https page as browsers do, as far as its origin goes
// (WHATWG URL, basic URL parser): spaces and control characters at the ends and tabs and line ends
// anywhere are dropped, a backslash is a slash, and of slashes before a host there may be any
// number.
func browserOrigin(page, reference string) string {
	reference = strings.TrimFunc(reference, func(r rune) bool { return r <= ' ' })
	reference = strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(reference)
	scheme, rest, found := strings.Cut(reference, ":")
	isScheme := found && scheme != "" && !strings.ContainsFunc(scheme, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '-' && r != '.'
	}) && (scheme[0] < '0' || scheme[0] > '9')
	switch {
	case isScheme && strings.EqualFold(scheme, "https") && !strings.HasPrefix(rest, "//"):
		reference = rest // a special scheme without slashes is relative to a page of the same scheme
	case isScheme:
		return scheme + "://" + host(rest)
	}
	if strings.HasPrefix(reference, "//") {
		return "https://" + host(reference)
	}
	u, _ := url.Parse(page)
	return u.Scheme + "://" + u.Host
}

func host(rest string) string {
	rest = strings.TrimLeft(rest, "/")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return rest[strings.LastIndex(rest, "@")+1:]
}
