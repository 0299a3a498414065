package storefront_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/storefront"
)

// keepingShop is a shop that keeps whole pages, as the real one does.
func keepingShop(t *testing.T) *shop {
	s := newShop(t)
	products := postgres.NewCatalog(s.store, nil)
	_, err := products.Snapshot(t.Context())
	must(t, err)
	s.build([]setting{func(c *storefront.Config) { c.Catalog = products }})
	return s
}

var publicPages = []string{
	"/", "/products", "/products?room=hats", "/products?sort=price&page=1", "/products?q=hat", "/products?min=20",
	"/products/rain-bowler",
	"/products/drizzle", "/cookies", "/delivery", "/products/none", "/products?page=9",
}

func TestAPageWithoutAVisitorCostsNoStatement(t *testing.T) {
	t.Parallel()
	s := keepingShop(t)
	for _, path := range publicPages {
		s.visitor().get(path)
	}
	before := s.statements.Load()
	for _, path := range publicPages {
		s.visitor().get(path)
	}
	if asked := s.statements.Load() - before; asked != 0 {
		t.Errorf("got %d statements for %d pages, want 0", asked, len(publicPages))
	}
}

func TestAKeptPageIsThePageAndIsChecked(t *testing.T) {
	t.Parallel()
	kept, fresh := keepingShop(t), newShop(t)
	for _, path := range publicPages {
		first, second := kept.visitor().get(path), kept.visitor().get(path)
		want := fresh.visitor().get(path)
		if stable(first.body) != stable(second.body) || stable(second.body) != stable(want.body) ||
			second.StatusCode != want.StatusCode {
			t.Errorf("%s: the kept page is another one", path)
		}
		for _, name := range []string{"Content-Type", "Cache-Control", "Vary", "Content-Security-Policy", "Set-Cookie"} {
			if got, want := fmt.Sprint(second.Header.Values(name)),
				fmt.Sprint(first.Header.Values(name)); name != "Content-Security-Policy" && got != want {
				t.Errorf("%s: got %s %s, want %s", path, name, got, want)
			}
		}
		if first.Header.Get("X-Request-Id") == second.Header.Get("X-Request-Id") {
			t.Errorf("%s: two requests have one id", path)
		}
	}
	r := kept.visitor().get("/products/rain-bowler")
	again := kept.visitor().get("/products/rain-bowler", with{"If-None-Match", r.Header.Get("ETag")})
	if again.StatusCode != http.StatusNotModified || again.body != "" || r.Header.Get("ETag") == "" {
		t.Errorf("got %d with ETag %q, want 304", again.StatusCode, r.Header.Get("ETag"))
	}
}

// address is that of a test's shop, and number that of a request: they differ between two shops and
// two requests.
var address, number = regexp.MustCompile(`http://[a-z0-9.]+:\d+`), regexp.MustCompile(`[A-Z2-7]{26}`)

func stable(body string) string {
	return number.ReplaceAllString(address.ReplaceAllString(body, ""), "")
}

func TestAKeptPageGoesWithTheNextChangeOfTheCatalogue(t *testing.T) {
	t.Parallel()
	s := keepingShop(t)
	wantBody(t, s.visitor().get("/products/drizzle"), "Only 3 left")
	wantBody(t, s.visitor().get("/products/drizzle"), "Only 3 left")
	s.exec(`UPDATE products SET stock = 1 WHERE sku = 'UMB-1'`)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1") // a session's own statement brings the news
	wantBody(t, b.get("/products/drizzle"), "Last one")
	wantBody(t, s.visitor().get("/products/drizzle"), "Last one")
}

// A browser that leaves while its page is written must not leave the next one half a page.
func TestAPageThatWasCutIsNotKept(t *testing.T) {
	t.Parallel()
	s := keepingShop(t)
	r := httptest.NewRequest(http.MethodGet, s.url+"/products", http.NoBody)
	r.Header.Set("Accept-Encoding", "gzip")
	s.handler.ServeHTTP(gone{httptest.NewRecorder()}, r)

	next := httptest.NewRecorder()
	s.handler.ServeHTTP(next, r.Clone(t.Context()))
	page, err := gzip.NewReader(next.Body)
	must(t, err)
	if text, err := io.ReadAll(page); err != nil || !strings.Contains(string(text), "</html>") {
		t.Errorf("got %d bytes, %v; want the whole page", len(text), err)
	}
}

// gone is a connection that the client has left.
type gone struct{ http.ResponseWriter }

func (gone) Write([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

func TestEachPageIsKeptUnderOneAddress(t *testing.T) { // or anyone could fill the memory with one page
	t.Parallel()
	s := keepingShop(t)
	for _, query := range []string{"page=1", "page=01", "page=001", "page=%2B1", "sort=nonsense", "room=nonsense",
		"in_stock=7", "in_stock=2", "page=0", "colour=red&colour=green", "colour=green", "material=wool&material=wool"} {
		s.visitor().get("/products?" + query)
		s.visitor().get("/products/drizzle?" + query)
		s.visitor().get("/?" + query)
	}
	if n := s.handler.CachedPages(); n != 1 {
		t.Errorf("pages: got %d kept, want the first page of the list alone", n)
	}
}

func TestAKeptPageAnswersOnlyItsOwnAddress(t *testing.T) {
	t.Parallel()
	s := keepingShop(t)
	s.visitor().get("/products/drizzle")
	wantStatus(t, s.visitor().get("/products%2Fdrizzle"), http.StatusNotFound)
	wantStatus(t, s.visitor().get("/products/drizzle%3F"), http.StatusNotFound)
}

// What each filter would find stands beside it, on kept pages too; one that would find nothing
// is offered only while it is chosen.
func TestFiltersSayWhatTheyWouldFind(t *testing.T) {
	t.Parallel()
	s := keepingShop(t)
	r := s.visitor().get("/products")
	wantBody(t, r, `>All rooms (6)<`, `value="hats">Hats (2)<`, "In stock only (5)")
	wantNoBody(t, r, "Gloves (0)")
	r = s.visitor().get("/products?room=hats&q=rain")
	wantBody(t, r, `>All rooms (1)<`, `value="hats" selected>Hats (1)<`, "In stock only (1)")
	wantNoBody(t, r, "Bags (")
	s.exec(`UPDATE products SET material = 'Merino wool, steel pin', tone = 'felt' WHERE sku = 'HAT-1'`)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1") // a session's own statement brings the news
	r = b.get("/products?room=hats")
	wantBody(t, r, `value="wool"> Wool (1)<`, `value="metal"> Metal (1)<`, `value="green"> Green (`)
	wantNoBody(t, r, "Silk (")
	r = b.get("/products?material=metal&colour=green&material=silk")
	wantBody(t, r, `data-results="1"`, `value="metal" checked> Metal (1)<`, `value="silk" checked> Silk (0)<`,
		`value="green" checked> Green (1)<`)
	wantNoBody(t, r, `Red (`)
	r = b.get("/products?material=plutonium&colour=ultraviolet&material=metal")
	wantStatus(t, r, http.StatusUnprocessableEntity)
	wantBody(t, r, "We have nothing of that material", "We have nothing in that colour", `data-results="1"`,
		`value="metal" aria-invalid="true" aria-describedby="material-error" checked>`)
	wantBody(t, s.visitor().get("/products?room=scarves"), "disabled>\nIn stock only (0)")
	wantBody(t, s.visitor().get("/products?room=scarves&in_stock=1"), "checked>\nIn stock only (0)",
		`value="scarves" selected>Scarves (0)<`)
	s.exec(`UPDATE products SET stock = 0 WHERE sku = 'HAT-2'`)
	b.post("/cart/lines", "sku", "HAT-1")
	wantBody(t, b.get("/products"), "In stock only (4)")
	wantBody(t, s.visitor().get("/products"), "In stock only (4)")
}

// Hundreds of visitors at once: a stranger's page is the same with and without them, and holds
// nothing of them.
func TestNothingOfAVisitorIsEverKept(t *testing.T) {
	t.Parallel()
	s, lonely := keepingShop(t), newShop(t)
	alone := map[string]string{}
	for _, path := range publicPages {
		alone[path] = stable(lonely.visitor().get(path).body)
	}
	var customers []*browser
	for i := range 6 {
		customers = append(customers, s.shopper(fmt.Sprintf("secretname%d", i)))
	}
	var crowd sync.WaitGroup
	for i := range 12 {
		crowd.Go(func() {
			guest := s.visitor()
			if i%3 == 0 {
				guest.post("/cart/lines", "sku", "HAT-1")
			}
			who := customers[i%len(customers)].twin()
			for _, path := range publicPages {
				who.get(path)
				guest.get(path, with{"Cookie", "tracker=secretname"})
				r := s.visitor().get(path)
				if got := stable(r.body); got != alone[path] {
					t.Errorf("%s: a stranger's page differs from the one made for nobody else", path)
				}
				if strings.Contains(r.body, "secretname") || strings.Contains(r.body, "form_token") ||
					len(r.Header.Values("Set-Cookie")) > 0 {
					t.Errorf("%s: a stranger's page holds something of a visitor", path)
				}
			}
		})
	}
	crowd.Wait()
}

// What follows a press on "Add to cart" costs one statement and changes no row.
func TestTheCartPageAfterAnAdditionIsOneStatement(t *testing.T) {
	t.Parallel()
	s := keepingShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.post("/cart/lines", "sku", "UMB-1")
	b.get("/cart")
	b.post("/cart/lines", "sku", "HOK-1", "quantity", "2")
	rows, before := s.text(`SELECT string_agg(xmin::text || ctid::text, ' ') FROM sessions`), s.statements.Load()
	r := b.get("/cart")
	if asked := s.statements.Load() - before; asked != 1 {
		t.Errorf("got %d statements, want 1", asked)
	}
	wantBody(t, r, `data-notice="added"`, `data-cart-count="4"`, `data-sku="HOK-1" data-quantity="2"`)
	if hook, hat := strings.Index(r.body, `data-sku="HOK-1"`), strings.Index(r.body, `data-sku="HAT-1"`); hook > hat {
		t.Error("the line added last does not come first")
	}
	if now := s.text(`SELECT string_agg(xmin::text || ctid::text, ' ') FROM sessions`); now != rows {
		t.Error("the page has written the session's row")
	}
}

func TestOnlyAPageThatSomebodyOpensIsKept(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true,
		"Sec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\nSec-Fetch-Site: none": true,
		"Sec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe\nSec-Fetch-Site: none":   false,
		"Sec-Fetch-Mode: cors\nSec-Fetch-Dest: empty\nSec-Fetch-Site: same-origin": false,
		"Sec-Purpose: prefetch;prerender":                                          false,
		"Purpose: prefetch":                                                        false,
		"X-Moz: prefetch":                                                          false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/products", http.NoBody)
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			r.Header.Set(name, value)
		}
		if got := storefront.IsKept(r); got != want {
			t.Errorf("%q: kept %t, want %t", text, got, want)
		}
	}
}
