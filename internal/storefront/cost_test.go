package storefront_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/storefront"
)

// costs writes down what each route costs the database.
type costs struct {
	*shop
	rows   []string
	free   int // routes that cost nothing, which have no row
	routes []string
}

// of does what a route with an optional remark does, and adds a row about it if it costs something.
func (c *costs) of(what string, do func() reply) {
	c.t.Helper()
	before := c.transactions()
	c.trips.Store(0)
	c.statements.Store(0)
	r := do()
	trips, statements := c.trips.Load(), c.statements.Load()
	if r.StatusCode >= http.StatusBadRequest {
		c.t.Fatalf("%s: got %d", what, r.StatusCode)
	}
	route, _, _ := strings.Cut(what, ", ")
	c.routes = append(c.routes, route)
	writing := c.transactions() - before
	if trips == 0 && statements == 0 && writing == 0 {
		c.free++
		return
	}
	c.rows = append(c.rows, fmt.Sprintf("| %s | %d | %d | %d |", what, trips, statements, writing))
}

// transactions is how many transactions have written or locked something: only those get a number.
func (c *costs) transactions() int {
	return c.count(`SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint`)
}

func (c *costs) gets(b *browser, remark string, routes ...string) {
	c.t.Helper()
	for _, route := range routes {
		path := strings.NewReplacer("{slug}", "rain-bowler", "{slug:[a-z0-9-]+}", "rain-bowler", "static/*",
			"static/favicon.svg").Replace(strings.TrimPrefix(route, "GET "))
		b.get(path)
		c.of(route+remark, func() reply { return b.get(path) })
	}
}

// Transactions are counted by their numbers, which all databases of a server share.
func TestWhatRoutesCostIsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	s := shopOn(t, postgrestest.Alone(t), stepUp)
	s.build([]setting{stepUp, func(c *storefront.Config) { c.Catalog = postgres.NewCatalog(s.store, nil) }})
	c := &costs{shop: s}
	for _, path := range []string{"/", "/login"} {
		s.visitor().get(path)
	}
	c.forStrangers()
	c.forCarts()
	c.forCustomers()

	text, err := os.ReadFile("../../docs/performance.md")
	must(t, err)
	for _, want := range []string{
		"|---|---|---|---|\n" + strings.Join(c.rows, "\n") + "\n",
		fmt.Sprintf("\n%d routes ask the database nothing", c.free),
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("docs/performance.md is out of date. It should hold\n%s", want)
		}
	}
	for _, route := range s.handler.Routes() {
		if !slices.Contains(c.routes, route) {
			t.Errorf("%s is not counted", route)
		}
	}
}

func (c *costs) forStrangers() {
	c.gets(c.visitor(), "", "GET /favicon.ico", "GET /favicon.svg", "GET /apple-touch-icon.png", "GET /static/*",
		"GET /pictures/{slug:[a-z0-9-]+}.svg", "GET /robots.txt", "GET /sitemap.xml", "GET /healthz", "GET /readyz")
	c.gets(c.visitor(), "", "GET /delivery", "GET /contact", "GET /privacy", "GET /accessibility", "GET /imprint",
		"GET /cookies", "GET /login", "GET /signed-out", "GET /account/stay")
	c.gets(c.visitor(), ", no session", "GET /", "GET /products", "GET /products/{slug}", "GET /cart")
	c.of("POST /csp-reports", func() reply {
		return c.visitor().send(http.MethodPost, "/csp-reports", strings.NewReader(`{}`),
			with{"Content-Type", "application/csp-report"})
	})
}

func (c *costs) forCarts() {
	b := c.visitor()
	c.of("POST /cart/lines, the first of a stranger", func() reply { return b.post("/cart/lines", "sku", "HAT-1") })
	c.of("POST /cart/lines", func() reply { return b.post("/cart/lines", "sku", "HOK-1") })
	c.of("GET /cart, after it", func() reply { return b.get("/cart") })
	c.exec(`UPDATE sessions SET last_used = last_used - interval '2 minutes'`)
	c.of("POST /cart/lines, the last use two minutes ago", func() reply { return b.post("/cart/lines", "sku", "HAT-1") })
	c.gets(b, ", with a cart", "GET /", "GET /products", "GET /products/{slug}")
	c.exec(`UPDATE sessions SET last_used = last_used - interval '2 minutes'`)
	c.of("GET /cart, the last use two minutes ago", func() reply { return b.get("/cart") })
	c.of("POST /cart/lines/{sku}", func() reply { return b.post("/cart/lines/HAT-1", "quantity", "3") })
	c.of("POST /cart/lines/{sku}/save", func() reply { return b.post("/cart/lines/HAT-1/save") })
	c.of("POST /cart/saved/{sku}/restore", func() reply { return b.post("/cart/saved/HAT-1/restore") })
	b.post("/cart/lines/HOK-1/save")
	c.of("POST /cart/saved/{sku}/remove", func() reply { return b.post("/cart/saved/HOK-1/remove") })
	b.post("/cart/lines/HAT-1", "quantity", "0")
	c.of("POST /cart/undo", func() reply { return b.post("/cart/undo") })
	c.of("POST /cart/set-aside", func() reply { return b.post("/cart/set-aside") })
	c.of("POST /cart/forget", func() reply { return b.post("/cart/forget") })
}

func (c *costs) forCustomers() {
	ann, other := c.visitor(), c.visitor()
	ann.signIn("ann", "")
	ann.post("/logout", "form_token", ann.token("/account"))
	other.signIn("ann", "")
	other.submit("/cart/lines", "sku", "HAT-1")
	ann.post("/cart/lines", "sku", "HAT-1")
	back := ""
	c.of("POST /login", func() reply {
		r := ann.post("/login", "return_to", "/cart")
		back = ann.approved(r, "ann")
		return r
	})
	c.of("GET /auth/callback, two carts become one", func() reply { return ann.get(back) })
	ann.get("/cart")
	token := ann.token("/account")
	post := func(b *browser, path string, fields ...string) func() reply {
		return func() reply { return b.post(path, append([]string{"form_token", token}, fields...)...) }
	}
	c.of("POST /account/stay", post(ann, "/account/stay"))
	c.gets(ann, "", "GET /account", "GET /account/devices", "GET /resume", "GET /checkout", "GET /checkout/address")
	c.of("POST /checkout/address", post(ann, "/checkout/address", "name", "Ann", "street", "Hook Street 1", "postcode",
		"10115", "city", "Berlin", "country", "DE"))
	c.gets(ann, "", "GET /checkout/delivery")
	c.of("POST /checkout/delivery", post(ann, "/checkout/delivery", "delivery", "collect"))
	c.gets(ann, "", "GET /checkout/review")
	review, placed := ann.get("/checkout/review").body, ""
	c.of("POST /orders", func() reply {
		r := ann.press(review, "approve")
		placed = r.Header.Get("Location")
		return r
	})
	c.gets(ann, "", "GET /orders")
	c.of("GET /orders/{number}", func() reply { return ann.get(placed) })
	c.of("POST /orders/{number}/cancel", post(ann, placed+"/cancel"))
	c.of("POST /orders/{number}/again", post(ann, placed+"/again"))
	handle := ann.otherHandle()
	c.of("POST /account/devices/{handle}/end", post(ann, "/account/devices/"+handle+"/end"))
	c.of("POST /account/devices/end-others", post(ann, "/account/devices/end-others"))
	c.of("POST /logout", post(ann, "/logout"))
	c.logoutOf("good", "ann")
	c.of("POST /auth/backchannel-logout", func() reply { return c.tell(map[string][]string{"logout_token": {"good"}}) })
}
