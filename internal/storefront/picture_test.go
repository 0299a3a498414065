package storefront_test

import (
	"net/http"
	"testing"
)

func TestAProductHasAPictureAtAnAddressOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	address := "/pictures/rain-bowler.svg"
	wantBody(t, b.get("/products/rain-bowler"), `<meta property="og:image" content="`+s.url+address+`">`,
		`<link itemprop="image" href="`+s.url+address+`">`, `<meta property="og:image" content="`+s.url+
			`/static/social-card.`)
	r := b.get(address)
	wantStatus(t, r, http.StatusOK)
	wantBody(t, r, "<svg ", "Drawing of Rain Bowler")
	for header, want := range map[string]string{"Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=86400",
		"Cross-Origin-Resource-Policy": "cross-origin", "Set-Cookie": ""} {
		if got := r.Header.Get(header); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
	for _, missing := range []string{"/pictures/no-such-hat.svg", "/pictures/rain-bowler", "/pictures/RAIN.svg",
		"/pictures/.svg"} {
		wantStatus(t, b.get(missing), http.StatusNotFound)
	}
}
