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

// A change that was not answered may be done after the cart was looked at, until another one is
// confirmed.
func TestAnUnansweredChangeMayBeDoneLater(t *testing.T) {
	t.Parallel()
	v := shopOf(t, 2, "", "")
	v.unsure = true
	v.look(context.Background())
	v.client = shopOf(t, 3, "", "").client
	v.look(context.Background())
	if len(v.log.broken) > 0 {
		t.Errorf("got %q, want nothing broken", v.log.broken)
	}
	v.unsure = false
	v.look(context.Background())
	v.client = shopOf(t, 2, "", "").client
	if v.look(context.Background()); len(v.log.broken) != 1 {
		t.Errorf("got %q, want the changed cart noticed", v.log.broken)
	}
}
