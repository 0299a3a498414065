package page

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestARedirectPageLeadsToTheVeryAddress(t *testing.T) {
	t.Parallel()
	r, err := made()
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{
		"https://id.example/authorize?client_id=shop&state=a&nonce=b",
		"https://id.example/authorize;v=1?scope=openid+email&claims=%7B%22id_token%22%3A%7B%7D%7D",
		"http://idp.localhost:8081/end?id_token_hint=a.b.c&post_logout_redirect_uri=https%3A%2F%2Fshop.example%2Fsigned-out",
		"https://id.example/it's?a=1;url=https://other.example/",
		"https://id.example/'",
		"https://[::1]:8443/a?b=%3Cscript%3E#c",
	} {
		w := httptest.NewRecorder()
		if err := r.Render(w, http.StatusOK, &Redirect{Layout: stranger("/login"), To: to}); err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		d := document{root}
		metas := d.having("http-equiv")
		if len(metas) != 1 {
			t.Fatalf("%d refreshes, want one", len(metas))
		}
		content, written := strings.CutPrefix(value(metas[0], "content"), "0;url=")
		links := d.all(func(n *html.Node) bool { return n.Data == "a" && text(n) == "Continue" })
		if len(links) != 1 || !written || !sameAddress(content, to) || !sameAddress(value(links[0], "href"), to) {
			t.Errorf("leads to %q and links to %v, want %q", content, links[0].Attr, to)
		}
	}
}

// sameAddress compares addresses; one may have an escaped apostrophe. // RFC 3986 6.2.2.2
func sameAddress(got, want string) bool {
	return got == want || got == strings.ReplaceAll(want, "'", "%27")
}

func TestARedirectPageRunsNoScript(t *testing.T) {
	t.Parallel()
	r, err := made()
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"javascript:alert(1)", "data:text/html,x", `"><script>alert(1)</script>`} {
		w := httptest.NewRecorder()
		if err := r.Render(w, http.StatusOK, &Redirect{Layout: stranger("/login"), To: to}); err != nil {
			t.Fatal(err)
		}
		if body := w.Body.String(); strings.Contains(body, "javascript:") || strings.Contains(body, "data:") ||
			strings.Contains(body, "<script>") {
			t.Errorf("%q comes out as\n%s", to, body)
		}
	}
}
