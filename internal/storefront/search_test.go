package storefront_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/middleware"
)

func TestRefusedQuantityNamesTheNumberAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	r := b.post("/cart/lines", "sku", "UMB-1", "quantity", "9")
	wantStatus(t, r, http.StatusUnprocessableEntity)
	wantBody(t, r, "Only 3 left", `value="9"`, "Drizzle")
	if r.Header.Get("Set-Cookie") != "" || s.count(`SELECT count(*) FROM sessions`) != 0 {
		t.Error("a refused first product must leave no session")
	}
	b.post("/cart/lines", "sku", "UMB-1", "quantity", "2")
	wantBody(t, b.post("/cart/lines", "sku", "UMB-1", "quantity", "2"), "you can add 1 more")
	line := b.post("/cart/lines/UMB-1", "quantity", "7")
	wantStatus(t, line, http.StatusUnprocessableEntity)
	wantBody(t, line, "Only 3 left", `value="7"`, `data-quantity="2"`)
	wantBody(t, b.post("/cart/lines", "sku", "BAG-1", "quantity", "3"), "up to 2")
}

func TestAFilterThatMakesNoSenseIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	for query, want := range map[string][]string{
		"min=abc":           {`id="min-error"`, `value="abc"`, "Enter an amount"},
		"max=-1":            {`id="max-error"`, `value="-1"`},
		"min=1.234&max=50":  {`id="min-error"`, `value="1.234"`, `value="50.00"`},
		"room=cellar":       {`id="room-error"`, "every room"},
		"sort=evil&q=hat":   {`id="sort-error"`, "our usual order"},
		"max=%3Cscript%3E":  {`value="&lt;script&gt;"`},
		"min=%E2%80%AEabc9": {`value="abc9"`},
	} {
		r := b.get("/products?" + query)
		wantStatus(t, r, http.StatusUnprocessableEntity)
		wantBody(t, r,
			append(want, "<title>Error: ", `name="robots" content="noindex"`, "aria-invalid", " open>", "Rain Bowler")...)
	}
	for _, query := range []string{"min=&max=&room=&sort=&q=&page=", "min=12,50&max=%E2%82%AC80", "room=hats&sort=price"} {
		r := b.get("/products?" + query)
		wantStatus(t, r, http.StatusOK)
		wantNoBody(t, r, "aria-invalid", "<title>Error: ", " open>")
	}
}

func TestSearchFindsAccentsHoweverTheyAreTypedAndProductNumbers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.exec(`UPDATE products SET name = 'Le Béret', summary = 'Mütze', slug = 'le-beret' WHERE sku = 'HAT-2'`)
	b := s.visitor()
	for _, query := range []string{"b\u00e9ret", "be\u0301ret", "beret", "BE\u0301RET", "m\u00fctze", "mu\u0308tze",
		"muetze", "b\u00e9\u200bret"} {
		wantBody(t, b.get("/products?q="+url.QueryEscape(query)), "le-beret")
	}
	for _, number := range []string{"HAT-2", "hat-2", " HAT-2 "} {
		r := b.get("/products?q=" + url.QueryEscape(number))
		wantBody(t, r, "le-beret")
		wantNoBody(t, r, "/products/drizzle", "/products/signal")
	}
}

// A list's pages are different pages; a search is no page for search engines at all.
func TestEachPageOfAListNamesItself(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.exec(`INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, price,
		    stock, position)
		SELECT 'EXT-' || n, 'extra-' || n, 'Extra ' || n, 'hats', 'A hat.', 'A hat.', 'hat', 'plain', 'felt', 1000, 5, 100 + n
		    FROM generate_series(1, 30) n`)
	b := s.visitor()
	for path, want := range map[string]string{
		"/products": "/products", "/products?page=1": "/products", "/products?page=2": "/products?page=2",
		"/products?utm_source=x&page=3": "/products?page=3",
		"/products?room=hats&page=2":    "/products?page=2&amp;room=hats", "/products?room=hats": "/products?room=hats",
		"/products?sort=price&page=2": "/products",
	} {
		r := b.get(path)
		wantStatus(t, r, http.StatusOK)
		wantBody(t, r, `<link rel="canonical" href="`+s.url+want+`">`)
		wantNoBody(t, r, `content="noindex"`)
	}
	for _, path := range []string{"/products?q=hat", "/products?min=5", "/products?in_stock=1",
		"/products?room=hats&max=50", "/products?colour=green", "/products?material=wool"} {
		wantBody(t, b.get(path), `content="noindex"`)
	}
}

// The colours and materials of a list can be several; nothing else can.
func TestAListIsOfAnyOfTheColoursAndMaterialsChosen(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.exec(`UPDATE products SET tone = CASE sku WHEN 'HAT-1' THEN 'wine' WHEN 'HAT-2' THEN 'sky' ELSE 'felt' END,
		    material = CASE sku WHEN 'HAT-1' THEN 'Silk' WHEN 'HAT-2' THEN 'Straw' ELSE 'Wool' END`)
	b := s.visitor()
	for query, want := range map[string]string{
		"colour=red&colour=blue": `data-results="2"`, "colour=blue&colour=red&colour=blue": `data-results="2"`,
		"colour=&material=": `data-results="6"`, "colour=red&colour=blue&material=silk": `data-results="1"`,
		"colour=red&material=straw":                         `data-results="0"`,
		strings.Repeat("colour=red&", middleware.MaxValues): `data-results="1"`,
	} {
		r := b.get("/products?" + query)
		wantStatus(t, r, http.StatusOK)
		wantBody(t, r, want)
	}
	wantBody(t, b.get("/products?colour=blue&colour=red&colour=blue&q=hat"), `value="red" checked`, `value="blue" checked`,
		`href="/products?colour=red&amp;q=hat">`, `href="/products?colour=blue&amp;q=hat">`, `content="noindex"`,
		`<link rel="canonical" href="`+s.url+`/products">`)
	for _, query := range []string{"room=hats&room=bags", "min=1&min=2", "sort=name&sort=price", "in_stock=1&in_stock=1",
		"page=1&page=2", "colour=ultraviolet&colour=red", strings.Repeat("colour=red&", middleware.MaxValues+1)} {
		wantStatus(t, b.get("/products?"+query), http.StatusUnprocessableEntity)
	}
	if got := len(catalog.Colours()) + len(catalog.Materials()); got > middleware.MaxValues {
		t.Errorf("%d values exist, more than the %d that a form can send", got, middleware.MaxValues)
	}
}

func TestASearchThatFindsFewLeadsOnToTheRoom(t *testing.T) {
	t.Parallel()
	b := newShop(t).visitor()
	wantBody(t, b.get("/products?q=rain"), `href="/products?room=hats">See all hats<`)
	for _, path := range []string{"/products?room=hats", "/products?q=nothing-like-it", "/products"} {
		wantNoBody(t, b.get(path), "See all")
	}
}

func TestHostileTextIsShownAsText(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	script := `"><script>alert(1)</script>`
	wantNoBody(t, b.get("/products?q="+url.QueryEscape(script)), "<script>alert")
	wantNoBody(t, b.post("/cart/lines", "sku", "HAT-1", "quantity", script), "<script>alert")
	wantNoBody(t, b.get("/"+url.PathEscape(script)), "<script>alert")
	b.post("/cart/lines", "sku", "HAT-1")
	b.signIn("ann", "")
	wantNoBody(t, b.submit("/checkout/address", "name", script), "<script>alert")
}
