package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/app"
)

func TestVisitsThatAKeptPageAnswersAreCounted(t *testing.T) {
	t.Parallel()
	s := settings(t, seeded(t))
	s.Listen.AdminAddr = "127.0.0.1:0"
	shop := run(t, s, app.Options{})
	get(t, shop.url+"/") // from now on the catalogue is known
	for range 3 {
		get(t, shop.url+"/products?room=hats")
	}
	admin := "http://" + shop.AdminAddr().String()
	wantMetric(t, admin, "shop_kept_page_hits_total 2")
	wantMetric(t, admin, "shop_kept_page_misses_total 2")
}

func TestAMergeThatCutACartIsCountedApart(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	c := openCounter(t, db, nil).replica(t, db, "ADMIN_ADDR=127.0.0.1:0")
	c.op.Follow(rogue.Script{})
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=3")
	if _, err := c.pool.Exec(t.Context(), `UPDATE products SET stock = 2 WHERE sku = 'HAT-BOWLER'`); err != nil {
		t.Fatal(err)
	}
	v.signIn("/cart")
	admin := "http://" + c.AdminAddr().String()
	wantMetric(t, admin, `shop_cart_merges_total{result="less"} 1`)
	wantMetric(t, admin, `shop_cart_merges_total{result="whole"} 0`)

	c.visitor(t).signIn("/cart") // without a cart there is nothing to merge
	wantMetric(t, admin, `shop_sign_ins_total{result="proved"} 2`)
	wantMetric(t, admin, `shop_cart_merges_total{result="whole"} 0`)

	late := c.visitor(t)
	late.post("/cart/lines", "sku=GLO-HANDRAIL&quantity=1")
	if _, err := c.pool.Exec(t.Context(), `UPDATE products SET stock = 0 WHERE sku = 'HAT-BOWLER'`); err != nil {
		t.Fatal(err)
	}
	late.signIn("/cart")
	wantMetric(t, admin, `shop_cart_merges_total{result="less"} 2`)
}

func TestAProviderThatDoesNotAnswerIsCountedByCall(t *testing.T) {
	t.Parallel()
	s := settings(t, seeded(t)) // whose provider nobody runs
	s.Listen.AdminAddr = "127.0.0.1:0"
	shop := run(t, s, app.Options{})
	wantMetric(t, "http://"+shop.AdminAddr().String(),
		`shop_provider_call_seconds_count{call="discovery",result="error"}`)
}

func TestAProviderThatAnswersWithAnErrorOfItsOwnIsCountedAsOne(t *testing.T) {
	t.Parallel()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer broken.Close()
	s := settings(t, seeded(t))
	s.Listen.AdminAddr, s.Provider.Issuer = "127.0.0.1:0", broken.URL
	shop := run(t, s, app.Options{})
	wantMetric(t, "http://"+shop.AdminAddr().String(),
		`shop_provider_call_seconds_count{call="discovery",result="error"}`)
}

// Whatever visitors send, it makes no series: each is memory that is never given back.
func TestNoVisitorAddsASeries(t *testing.T) {
	t.Parallel()
	s := settings(t, seeded(t))
	s.Listen.AdminAddr = "127.0.0.1:0"
	shop := run(t, s, app.Options{})
	send := func(n int) {
		for _, c := range []struct{ method, path, name string }{
			{http.MethodGet, "/products/hat-%d", ""}, {http.MethodGet, "/products?q=%d", ""}, {http.MethodGet, "/%d", ""},
			{"BREW%d", "/", ""}, {http.MethodGet, "/", "Cookie"}, {http.MethodPost, "/cart/lines/SKU-%d", "Sec-Fetch-Site"},
		} {
			fill := func(s string) string { return strings.ReplaceAll(s, "%d", fmt.Sprint(n)) }
			r, err := http.NewRequestWithContext(t.Context(), fill(c.method), shop.url+fill(c.path), http.NoBody)
			must(t, err)
			r.Host = "localhost:8080"
			if c.name != "" {
				r.Header.Set(c.name, fmt.Sprintf("__Host-tag=%d.%d.%d", n, n, n))
			}
			response, err := http.DefaultTransport.RoundTrip(r)
			must(t, err)
			response.Body.Close()
		}
	}
	series := func() (names []string) {
		_, all := get(t, "http://"+shop.AdminAddr().String()+"/metrics")
		for line := range strings.Lines(all) {
			if name, _, _ := strings.Cut(line, " "); strings.HasPrefix(name, "shop_") &&
				!strings.Contains(name, "shop_provider_call") && !strings.Contains(name, "shop_database_statement") {
				names = append(names, name)
			}
		}
		return names
	}
	send(0)
	shoptest.Eventually(t, "each request is counted", func() bool { // its answer may be here before
		all := strings.Join(series(), " ")
		return !slices.ContainsFunc([]string{"GET /products/{slug}", "GET /products", "GET none", "other none", "GET /",
			"POST none"}, func(request string) bool {
			method, route, _ := strings.Cut(request, " ")
			return !strings.Contains(all, fmt.Sprintf("_count{method=%q,route=%q,status=", method, route))
		})
	})
	before := series()
	for n := range 20 {
		send(n + 1)
	}
	if after := series(); !slices.Equal(before, after) {
		t.Errorf("before: %d series\nafter: %d\n%s", len(before), len(after), strings.Join(after, "\n"))
	}
}
