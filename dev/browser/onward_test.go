package browser

import (
	"net/http"
	"net/url"
	"testing"
)

func TestOnwardFollowsRedirectsAndInstantRefreshesOnly(t *testing.T) {
	t.Parallel()
	at := &url.URL{Scheme: "https", Host: "shop.example", Path: "/login"}
	for _, c := range []struct {
		status                     int
		location, kind, body, want string
	}{
		{303, "/cart", "", "", "https://shop.example/cart"},
		{302, "https://id.example/a?b=c", "text/html", "", "https://id.example/a?b=c"},
		{200, "/cart", "text/html", "<p>no refresh", ""},
		{200, "", "text/html; charset=utf-8",
			`<meta http-equiv="Refresh" content="0;url=https://id.example/a?b=c&amp;d=e;f">`, "https://id.example/a?b=c&d=e;f"},
		{200, "", "text/html", `<meta http-equiv="refresh" content="0; URL=/orders">`, "https://shop.example/orders"},
		{200, "", "text/html", `<meta http-equiv="refresh" content="30;url=/orders">`, ""},
		{200, "", "text/html", `<head><title><meta http-equiv="refresh" content="0;url=/orders"></title></head>`, ""},
		{200, "", "text/html", `<head><meta http-equiv="refresh" content="0;url=/orders"/></head><body>`,
			"https://shop.example/orders"},
		{200, "", "text/html", `<p>&lt;meta http-equiv="refresh" content="0;url=/orders"&gt;`, ""},
		{200, "", "text/plain", `<meta http-equiv="refresh" content="0;url=/orders">`, ""},
	} {
		answer := &http.Response{StatusCode: c.status, Header: http.Header{}, Request: &http.Request{URL: at}}
		answer.Header.Set("Location", c.location)
		answer.Header.Set("Content-Type", c.kind)
		if got := Onward(answer, c.body); got != c.want {
			t.Errorf("%d %q %s leads to %q, want %q", c.status, c.location, c.body, got, c.want)
		}
	}
}
