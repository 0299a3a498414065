package storefront_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestTwoHundredPressesAtOnceEndWithWhatWasAccepted(t *testing.T) { // S-11, ASVS 15.4.2
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	wantStatus(t, b.post("/cart/lines", "sku", "HAT-1"), http.StatusSeeOther)
	var accepted atomic.Int64
	var wait sync.WaitGroup
	for i := range 200 {
		tab, sku := b.twin(), []string{"HAT-1", "HOK-1"}[i%2]
		wait.Go(func() {
			r := tab.post("/cart/lines", "sku", sku)
			for tries := 0; r.StatusCode == http.StatusServiceUnavailable && tries < 5; tries++ {
				r = tab.post("/cart/lines", "sku", sku) // two hundred wait for four connections: some are asked to press again
			}
			switch r.StatusCode {
			case http.StatusSeeOther:
				accepted.Add(1)
			case http.StatusUnprocessableEntity:
			default:
				t.Errorf("status %d", r.StatusCode)
			}
		})
	}
	wait.Wait()
	if accepted.Load() != 19 { // ten of each, one was there before
		t.Errorf("%d presses were accepted, want 19", accepted.Load())
	}
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="10"`, `data-sku="HOK-1" data-quantity="10"`,
		`data-cart-count="20"`)
}

func TestTwentyOrdersForTheLastOneAreOneOrderAndNineteenKindRefusals(t *testing.T) { // product row 18
	t.Parallel()
	s := newShop(t)
	type buyer struct {
		*browser
		form []string
	}
	var buyers []buyer
	for i := range 20 {
		b := s.visitor()
		b.post("/cart/lines", "sku", "HAT-2")
		b.signIn(fmt.Sprintf("buyer-%d", i), "/checkout/address")
		review := b.toReview()
		buyers = append(buyers,
			buyer{b, []string{"form_token", field(t, review, "form_token"), "order_key", field(t, review, "order_key"), "total",
				field(t, review, "total"), "payment", "approve"}})
	}
	var placed, refused atomic.Int64
	var wait sync.WaitGroup
	for _, b := range buyers {
		wait.Go(func() {
			r := b.post("/orders", b.form...)
			switch {
			case r.StatusCode == http.StatusSeeOther:
				placed.Add(1)
			case r.StatusCode == http.StatusConflict && strings.Contains(r.body, "Someone else got there first"):
				refused.Add(1)
			default:
				t.Errorf("status %d", r.StatusCode)
			}
		})
	}
	wait.Wait()
	if placed.Load() != 1 || refused.Load() != 19 || s.count(`SELECT stock FROM products WHERE sku = 'HAT-2'`) != 0 {
		t.Errorf("%d orders, %d refusals; want 1 and 19, and none left", placed.Load(), refused.Load())
	}
}
