package storefront_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestJourneyFromStrangerToOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	wantStatus(t, b.get("/"), http.StatusOK)
	wantLocation(t, b.post("/cart/lines", "sku", "HAT-1", "quantity", "2"), "/cart?added=1")
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="2"`, `data-cart-count="2"`, `data-signed-in="false"`,
		`data-notice="added"`, `<a href="/products?room=hats">Keep shopping</a>`)
	wantLocation(t, b.get("/checkout/address"), "/login?return_to=%2Fcheckout%2Faddress")
	before := b.cookies["__Host-tag"]
	wantLocation(t, b.signIn("ann", "/checkout/address"), "/checkout/address")
	if after := b.cookies["__Host-tag"]; after == before || after == "" {
		t.Error("signing in must change the tag (ASVS 7.2.4)")
	}
	review := b.toReview()
	placed := b.submit("/orders", "order_key", field(t, review, "order_key"), "total", field(t, review, "total"),
		"payment", "approve")
	wantStatus(t, placed, http.StatusSeeOther)
	where := placed.Header.Get("Location")
	if !strings.HasPrefix(where, "/orders/HT-") {
		t.Fatalf("order leads to %q", where)
	}
	wantBody(t, b.get(where), "Rain Bowler", `data-cart-count="0"`)
	wantBody(t, b.get("/orders"), strings.TrimPrefix(where, "/orders/"))
	again := b.submit("/orders", "order_key", field(t, review, "order_key"), "total", field(t, review, "total"), "payment",
		"approve")
	wantLocation(t, again, where)
}
