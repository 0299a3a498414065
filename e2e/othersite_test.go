package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"

	"hookandtag.example/shop/dev/shoptest"
)

// openWatchedShop is openShop with somebody before the shop who notes what browsers ask it, and
// with which cookies.
func openWatchedShop(t *testing.T) (s *shop, asked *requests) {
	t.Helper()
	front, behind := shoptest.Listen(t), shoptest.Listen(t)
	asked = &requests{}
	to := &url.URL{Scheme: "http", Host: behind.Addr().String()}
	relay := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}}
	server := &httptest.Server{Listener: front, Config: &http.Server{Handler: asked.noting(relay)}}
	server.Start()
	t.Cleanup(server.Close)
	return open(t, shoptest.Options{URL: "http://localhost:" + shoptest.Port(front), Listener: behind}), asked
}

// otherSite is a site of somebody else's, on another host, that links to a shop, embeds it and
// posts to it.
func otherSite(t *testing.T, shop string) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>Hats we like</title><link rel="icon" href="data:,">
			<p><a href="%[1]s/account">See my account there</a></p>
			<form method="post" action="%[1]s/cart/forget"><button>Win a hat</button></form>
			<img src="%[1]s/orders" alt=""><iframe src="%[1]s/account/devices" title="hats"></iframe>`, shop)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// K-6, C-6, ASVS 3.2.1, 3.3.2, 3.5.1: a link on another site leads a customer to the shop signed
// in. What that site embeds, or posts, comes without the tag, shows nothing and does nothing.
func TestALinkFromAnotherSiteArrivesSignedInAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	s, asked := openWatchedShop(t)
	v := newShopper(t, s)
	v.puts("typist")
	v.comesIn(alice)
	carried := func(path string) bool {
		to := asked.to(path)
		if len(to) == 0 {
			t.Fatalf("the browser never asked for %s", path)
		}
		return slices.Contains(to[len(to)-1].cookies, "__Host-tag")
	}
	elsewhere := otherSite(t, s.url)
	v.goes(elsewhere)
	if picture, frame := carried("/orders"), carried("/account/devices"); picture || frame {
		t.Errorf("another site's picture came with the tag: %t, its frame: %t", picture, frame)
	}

	v.presses("See my account there")
	v.isAt("/account")
	v.gets(200)
	v.isSignedIn(true, "1")
	v.sees("Alice Ambrose")
	if !carried("/account") {
		t.Error("the link came without the tag")
	}

	v.goes(elsewhere)
	v.presses("Win a hat")
	v.gets(403)
	if carried("/cart/forget") {
		t.Error("another site's form came with the tag")
	}
	v.opens("/account")
	v.isSignedIn(true, "1")
	v.trouble.expect(t, s.url+"/orders")   // the picture is none
	v.trouble.expect(t, "frame-ancestors") // and the frame stays empty
}
