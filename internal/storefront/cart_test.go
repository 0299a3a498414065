package storefront_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/storefront"
)

// Looking around is free.
func TestLookingAroundSetsNoCookieAndAsksForNoSession(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	pages := []string{"/", "/products", "/products?room=hats", "/products?q=hat&page=2", "/products/rain-bowler", "/cart",
		"/cookies", "/login", "/signed-out", "/account"}
	for range 2 {
		for _, path := range pages {
			if r := b.get(path); r.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s sets a cookie", path)
			}
		}
	}
	if n := s.count(`SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM carts)`); n != 0 {
		t.Errorf("%d rows", n)
	}
	before := s.statements.Load()
	for _, path := range []string{"/cart", "/cookies", "/login", "/account", "/signed-out"} {
		b.get(path)
	}
	if asked := s.statements.Load() - before; asked != 0 {
		t.Errorf("%d statements for pages that hold nothing of the database", asked)
	}
}

func TestFirstProductMakesOneSessionAndOneCookie(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	r := b.post("/cart/lines", "sku", "HAT-1", "quantity", "2")
	wantLocation(t, r, "/cart?added=1")
	line := setCookieLine(t, r, "__Host-tag")
	for _, part := range []string{"Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=2592000"} {
		if !strings.Contains(line, part) {
			t.Errorf("tag lacks %s: %s", part, line)
		}
	}
	if set := r.Header.Values("Set-Cookie"); len(set) != 2 || s.count(`SELECT count(*) FROM sessions`) != 1 {
		t.Errorf("got %q, want the tag and the notice, and one row", set)
	}
	wantLocation(t, b.post("/cart/lines", "sku", "HAT-1"), "/cart")
	wantBody(t, b.get("/"), `data-cart-count="3"`)
}

// One statement for session, cart count and the catalogue's state, and what the page itself shows.
func TestPagesOfALiveSessionCostOneStatementForIt(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.build([]setting{func(c *storefront.Config) { c.Catalog = postgres.NewCatalog(s.store, nil) }})
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.signIn("ann", "")
	b.get("/cart")
	for path, most := range map[string]int64{"/cookies": 1, "/account": 1, "/": 1, "/cart": 2, "/orders": 2,
		"/products": 1, "/products?q=hat": 1, "/products/drizzle": 1, "/checkout/address": 4} {
		b.get(path)
		before := s.statements.Load()
		wantStatus(t, b.get(path), http.StatusOK)
		if asked := s.statements.Load() - before; asked > most {
			t.Errorf("%s: %d statements, at most %d", path, asked, most)
		}
	}
}

func TestBrowserThatRefusesCookiesIsTold(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	r := s.visitor().post("/cart/lines", "sku", "HAT-1")
	wantBody(t, s.visitor().get(r.Header.Get("Location")), `data-notice="cookies-refused"`)
	wantNoBody(t, s.visitor().get("/cart"), `data-notice="cookies-refused"`)
	for address, want := range map[string]bool{"http://localhost": true, "https://shop.example": false} {
		other := newShop(t)
		other.build([]setting{func(c *storefront.Config) { c.BaseURL = address }})
		w := httptest.NewRecorder()
		other.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address+"/cart?added=1", nil))
		if got := strings.Contains(w.Body.String(), "In Safari"); got != want {
			t.Errorf("%s: advice for Safari: got %v, want %v", address, got, want)
		}
	}
}

func TestARemovalIsSaidOnce(t *testing.T) {
	t.Parallel()
	b := newShop(t).visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.get("/cart") // which shows the notice
	b.post("/cart/lines/HAT-1", "quantity", "0")
	r := b.get("/cart")
	wantBody(t, r, "Rain Bowler was removed.", ">Undo</button>")
	if n := strings.Count(r.body, "data-notice="); n != 1 {
		t.Errorf("got %d notices, want 1", n)
	}
}

func TestLinesAreSetRemovedUndoneSavedAndRestored(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1", "quantity", "2")
	wantLocation(t, b.post("/cart/lines/HAT-1", "quantity", "5"), "/cart#HAT-1") // the line shows it
	wantBody(t, b.get("/cart"), `id="HAT-1" data-sku="HAT-1" data-quantity="5"`, `data-cart-count="5"`)
	for _, step := range []struct {
		path, quantity string
		want           []string
	}{
		{"/cart/lines/HAT-1", "0", []string{`data-notice="removed"`, `data-cart-count="0"`, `action="/cart/undo"`}},
		{"/cart/undo", "", []string{`data-quantity="5"`, `data-notice="undone"`}},
		{"/cart/lines/HAT-1/save", "", []string{`data-saved-sku="HAT-1"`, `data-cart-count="0"`}},
		{"/cart/saved/HAT-1/restore", "", []string{`data-sku="HAT-1" data-quantity="5"`}},
		{"/cart/saved/HAT-1/restore", "", []string{`data-notice="late"`, `data-quantity="5"`}},
		{"/cart/undo", "", []string{`data-notice="late"`, `data-quantity="5"`}},
		{"/cart/lines/HAT-1/save", "", []string{`data-saved-sku="HAT-1"`}},
		{"/cart/saved/HAT-1/remove", "", []string{"Rain Bowler is no longer saved for later.", `action="/cart/undo"`}},
		{"/cart/saved/HAT-1/remove", "", []string{"Rain Bowler is no longer saved for later.", `action="/cart/undo"`}},
		{"/cart/undo", "", []string{`data-saved-sku="HAT-1"`, `data-notice="undone"`, `data-cart-count="0"`}},
		{"/cart/undo", "", []string{`data-saved-sku="HAT-1"`, `data-notice="late"`}},
	} {
		wantLocation(t, b.post(step.path, "quantity", step.quantity), "/cart")
		wantBody(t, b.get("/cart"), step.want...)
	}
	wantNoBody(t, b.get("/cart"), `data-notice="late"`) // said once
}

func TestTheLastOneAddedAgainFromAListIsRefusedWithItsNumber(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	s.exec(`UPDATE products SET stock = 1 WHERE sku = 'HAT-1'`)
	b.post("/cart/lines", "sku", "HAT-1")
	r := b.post("/cart/lines", "sku", "HAT-1")
	wantStatus(t, r, http.StatusUnprocessableEntity)
	wantBody(t, r, "Only 1 left", `name="quantity" min="1" max="10" value="1"`)
}

func TestRestoringWhatSoldOutSaysSo(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.post("/cart/lines/HAT-1/save")
	s.exec(`UPDATE products SET stock = 0 WHERE sku = 'HAT-1'`)
	r := b.post("/cart/saved/HAT-1/restore")
	wantStatus(t, r, http.StatusUnprocessableEntity)
	wantBody(t, r, `data-notice="capped"`, "sold out", `data-saved-sku="HAT-1"`)
}

// saveManyOthers fills what each cart saves for later, up to its limit.
func (s *shop) saveManyOthers() {
	s.t.Helper()
	s.exec(`INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, price,
		stock, position)
		SELECT 'OLD-' || n, 'old-' || n, 'Old ' || n, room, summary, description, silhouette, weave, tone, price,
		    stock, 100 + n
		FROM products, generate_series(1, $1) n WHERE sku = 'HOK-1'`, cart.MaxSaved)
	s.exec(`UPDATE carts SET (saved_products, saved_quantities, saved_prices, saved_added) =
		(SELECT array_agg(id), array_agg(1), array_agg(price), array_agg(now()) FROM products WHERE sku LIKE 'OLD-%')`)
}

func TestWhatCannotBeSavedIsSaidAndKeepsItsNumber(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1", "quantity", "2")
	b.post("/cart/lines", "sku", "UMB-1")
	s.saveManyOthers()
	s.exec(`UPDATE products SET stock = 0 WHERE sku = 'UMB-1'`)
	for _, path := range []string{"/cart/lines/HAT-1/save", "/cart/set-aside"} {
		r := b.post(path)
		wantStatus(t, r, http.StatusUnprocessableEntity)
		wantBody(t, r, "You have saved 100 products for later already.", `name="quantity" min="0" max="10" value="2">`,
			`data-sku="UMB-1"`)
		wantNoBody(t, r, "aria-invalid")
	}
}

// Forgetting ends the session immediately, also for someone who copied the tag.
func TestForgottenCartIsGone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	copied := b.twin()
	wantLocation(t, b.post("/cart/forget"), "/cart")
	wantBody(t, b.get("/cart"), "Your cart is empty", `data-notice="forgotten"`)
	if len(b.cookies) != 0 {
		t.Errorf("cookies left: got %v, want none", b.cookies)
	}
	wantNoBody(t, copied.get("/cart"), `data-sku="HAT-1"`)
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended IS NULL`); n != 0 {
		t.Errorf("%d live sessions", n)
	}
	wantLocation(t, b.post("/cart/lines", "sku", "UMB-1"), "/cart?added=1")
}

func TestSearchShowsWhatItFoundAndTheWayBack(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	found := b.get("/products?room=hats&sort=price-down&max=40")
	wantBody(t, found, "Rain Bowler")
	wantNoBody(t, found, "Felt Fedora", "Drizzle")
	wantStatus(t, b.get("/products?q=nothinglikethis"), http.StatusOK)
	beyond := b.get("/products?page=999")
	wantStatus(t, beyond, http.StatusNotFound)
	sitemap := b.get("/sitemap.xml")
	wantBody(t, sitemap, s.url+"/products/rain-bowler</loc>", "/products?room=hats</loc>")
	wantBody(t, b.get("/robots.txt"), "Disallow: /cart", "Sitemap: "+s.url+"/sitemap.xml")
}

func TestWhatIsSavedCanBeTakenOutEvenSoldOut(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.post("/cart/lines/HAT-1/save")
	s.exec(`UPDATE products SET stock = 0 WHERE sku = 'HAT-1'`)
	wantBody(t, b.get("/cart"), `data-saved-sku="HAT-1"`, `action="/cart/saved/HAT-1/remove"`)
	wantLocation(t, b.post("/cart/saved/HAT-1/remove"), "/cart")
	wantNoBody(t, b.get("/cart"), `data-saved-sku`)
}
