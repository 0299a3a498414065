package storefront_test

import (
	"net/http"
	"strings"
	"testing"
)

// ordered brings a customer with one hat to a placed order and returns its path.
func (s *shop) ordered(subject string) (b *browser, path string) {
	s.t.Helper()
	b = s.shopper(subject)
	r := b.press(b.toReview(), "approve")
	wantStatus(s.t, r, http.StatusSeeOther)
	return b, r.Header.Get("Location")
}

func TestAnOrderIsCancelledWithinHalfAnHour(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b, path := s.ordered("ann")
	before := s.count(`SELECT stock FROM products WHERE sku = 'HAT-1'`)
	wantBody(t, b.get(path), `action="`+path+`/cancel"`, "You can cancel for another 29 minutes",
		"it has no address")
	for range 2 { // pressing twice does no harm
		wantLocation(t, b.submit(path+"/cancel"), path)
	}
	r := b.get(path)
	wantBody(t, r, `data-notice="cancelled"`)
	wantNoBody(t, r, path+"/cancel", "can no longer be cancelled")
	if got := s.count(`SELECT stock FROM products WHERE sku = 'HAT-1'`); got != before+1 {
		t.Errorf("stock: got %d, want %d", got, before+1)
	}
	wantBody(t, b.get("/orders"), "Cancelled")
}

func TestAnOrderOfAnHourAgoIsNotCancelled(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b, path := s.ordered("ann")
	s.exec(`UPDATE orders SET placed = placed - interval '1 hour'`)
	wantNoBody(t, b.get(path), "/cancel")
	wantLocation(t, b.submit(path+"/cancel"), path)
	wantBody(t, b.get(path), "it can no longer be cancelled", "30 days to send it back")
	if n := s.count(`SELECT count(*) FROM orders WHERE status = 'placed'`); n != 1 {
		t.Errorf("%d placed orders, want 1", n)
	}
}

func TestNobodyElseCancelsOrRepeatsAnOrder(t *testing.T) { // ASVS 8.2.2
	t.Parallel()
	s := newShop(t)
	_, path := s.ordered("ann")
	mallory := s.shopper("mallory")
	for _, action := range []string{"/cancel", "/again"} {
		wantStatus(t, mallory.submit(path+action), http.StatusNotFound)
		wantStatus(t, mallory.submit("/orders/HT-2222-2222"+action), http.StatusNotFound)
		wantStatus(t, mallory.submit("/orders/nonsense"+action), http.StatusNotFound)
		wantStatus(t, mallory.post(path+action), http.StatusUnprocessableEntity) // without the form token
	}
	if n := s.count(`SELECT count(*) FROM orders WHERE status = 'cancelled'`); n != 0 {
		t.Errorf("%d cancelled orders, want none", n)
	}
}

func TestOrderingAgainAddsWhatCanBeHadAndNamesTheRest(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	b.submit("/cart/lines", "sku", "UMB-1", "quantity", "3")
	b.submit("/cart/lines", "sku", "HAT-2")
	path := b.press(b.toReview(), "approve").Header.Get("Location")
	s.exec(`UPDATE products SET stock = 2 WHERE sku = 'UMB-1'`)
	for range 2 { // pressing twice adds nothing more
		wantLocation(t, b.submit(path+"/again"), "/cart")
		r := b.get("/cart")
		wantBody(t, r, `data-sku="HAT-1" data-quantity="1"`, `data-sku="UMB-1" data-quantity="2"`,
			"Not available at the moment: 1 × Felt Fedora, 1 × Drizzle.")
		wantNoBody(t, r, `data-sku="HAT-2"`)
	}
	s.exec(`UPDATE products SET stock = 9`)
	b.submit(path + "/again")
	r := b.get("/cart")
	wantBody(t, r, `data-sku="HAT-2" data-quantity="1"`, `data-sku="UMB-1" data-quantity="3"`,
		"Everything from your order is in your cart")
	if strings.Count(r.body, "data-quantity=") != 3 {
		t.Errorf("the cart has other lines than the order: %s", summary(r.body))
	}
}
