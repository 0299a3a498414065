package auth_test

import (
	"net/url"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/auth"
)

// ASVS 3.7.2
func TestLocalPath(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"/": "/", "/cart": "/cart", "/cart/": "/cart/", "/products?q=a b&room=attic#x": "/products?q=a%20b&room=attic",
		"/products/caf\u00e9":           "/products/caf%C3%A9",
		"/products?q=%0d%0aSet-Cookie:": "/products?q=%0d%0aSet-Cookie:", "/products?next=//e": "/products?next=//e",
		"/loginn": "/loginn", "/a%20b": "/a%20b",
		"/%252f/e": "/%252f/e", "/?q=\u00fc\"<>": "/?q=%C3%BC%22%3C%3E", "/orders/HT-1:2@x": "/orders/HT-1:2@x",

		"": "", "cart": "", "?q": "", "#x": "", ".": "", "//": "", "//e": "", "///e": "",
		"/\\e": "", "\\\\e": "", "/\\/e": "", "https:e": "", "https://e": "", "//e/..": "",
		"%2f": "", "%2fe": "",
		"https:/e": "", "https:///e": "", "HTTPS://shop.example/": "", "javascript:alert(1)": "", "/\t/e": "", "\t//e": "",
		" //e": "", " /e": "", "/%09/e": "", "/%2f/e": "", "/%2f": "",
		"/%2F%2Fe": "", "/%5ce": "", "/%5c%5ce": "", "/a/../b": "", "/a/./b": "", "/..": "", "/%2e%2e/e": "", "/a//b": "",
		"/cart\r\nSet-Cookie: a=b": "", "/cart%0d%0a": "", "/\n/e": "",
		"/a\x00": "", "/a%00": "", "/a%7f": "", "/\xff": "", "/a?\xc3\x28": "", "/%ff": "", "/%zz": "", "/a\u2028b?\x7f": "",
		"/@e:80:80\\": "", "/" + strings.Repeat("a", 600): "", "/?" + strings.Repeat("\"", 400): "",

		"/login": "", "/login/": "", "/login?return_to=/cart": "", "/logout": "", "/auth/callback?code=x": "", "/auth": "",
		"/auth/backchannel-logout": "", "/auth%2fcallback": "", "/signed-out?x": "",
		"/%6cogin": "", "//e/cart": "", "//alice@e/cart": "", "//alice@/cart": "", "/cart#" + strings.Repeat("x", 600): "",
	} {
		if got := auth.LocalPath(given); got != want {
			t.Errorf("LocalPath(%.60q) = %q, want %q", given, got, want)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/", "/cart?a=b#c", "//e", "/\\e", "https:e", "/%09/e", "/%2f/e", "\t//e", "/a/../b",
		"/caf\u00e9?q=\u00fc", "/login", "/%5ce", "/a%00", "/;x", "/?#", "%2f"} {
		f.Add(seed)
	}
	home, _ := url.Parse(base + "/somewhere/deep?x#y")
	f.Fuzz(func(t *testing.T, given string) {
		local := auth.LocalPath(given)
		if local == "" {
			return
		}
		if len(local) > 512 || local[0] != '/' || strings.HasPrefix(local, "//") ||
			strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
			t.Fatalf("%q becomes %q", given, local)
		}
		to, err := home.Parse(local)
		if err != nil || to.Scheme != home.Scheme || to.Host != home.Host || to.User != nil {
			t.Fatalf("%q leads to %v, %v", given, to, err)
		}
		if strings.HasPrefix(to.Path, "/auth/") || to.Path == "/login" || to.Path == "/logout" {
			t.Fatalf("%q leads in circles: %q", given, local)
		}
		if again := auth.LocalPath(local); again != local {
			t.Fatalf("%q becomes %q and then %q", given, local, again)
		}
	})
}
