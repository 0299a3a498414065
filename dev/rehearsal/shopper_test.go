package rehearsal

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// shopOf is a shopper of a shop that shows so many hats, and an account to those whom it knows.
func shopOf(t *testing.T, hats int, knows, name string) *shopper {
	t.Helper()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/cart":
			fmt.Fprintf(w, `<li data-sku="HAT-BOWLER" data-quantity="%d">`, hats)
		case knows != "":
			fmt.Fprintf(w, "%s@example.test", knows)
		default:
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		}
	}))
	t.Cleanup(shop.Close)
	_, port, _ := strings.Cut(shop.Listener.Addr().String(), ":")
	log, quick := &record{}, func(context.Context) {}
	return &shopper{client: newClient(&stage{port: port, pace: quick}, log.hear), name: name, log: log, could: []int{2, 3}}
}

func TestAShopperNoticesALostLineAndALostSession(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hats        int
		knows, name string
		want        string
	}{
		{2, "", "", ""},
		{3, "ann", "ann", ""},
		{4, "", "", "a guest has 4 hats in the cart, want one of [2 3]"},
		{3, "", "ann", "ann is not signed in any more: 303 to /login"},
		{3, "bob", "ann", "ann is not signed in any more: 200 to "},
		{3, "bob", "", "a guest sees an account: 200"},
	} {
		v := shopOf(t, c.hats, c.knows, c.name)
		v.look(context.Background())
		v.who(context.Background())
		if got := strings.Join(v.log.broken, "; "); got != c.want {
			t.Errorf("%+v: got %q, want %q", c, got, c.want)
		}
	}
}
