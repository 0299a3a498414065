package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"hookandtag.example/shop/dev/shoptest"
)

func TestADeclinedPaymentLosesNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.isSignedInAs(alice)
	v.puts("typist")
	v.reviews()
	v.ticks("Payment fails")
	v.presses("Place order")
	v.gets(422)
	v.notices("declined", "The payment was declined, so nothing was ordered.")
	v.hasInCart(map[string]int{"GLO-TYPIST": 1})
	v.presses("Change the address")
	v.holds("Full name", "Ada Ambrose")
	v.presses("Save and go back to the review")
	v.sees("Hutgasse 7 ½", "Collect at the cloakroom")
	v.ticks("Payment succeeds")
	v.presses("Place order")
	v.hasOrdered()
}

// The first press waits in the database until the second has left the browser, which then gives the
// first one up.
func TestADoubleClickOnPlaceOrderPlacesOneOrder(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.isSignedInAs(alice)
	v.puts("typist")
	v.reviews()

	release := s.holds("GLO-TYPIST")
	x, y := v.reaches(v.finds("Place order", "button"))
	v.sends("/orders", chromedp.MouseClickXY(x, y))
	v.sends("/orders", chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
	release()
	v.comesTo("/orders/")
	v.gets(200)
	v.sees("HT-", "Typist")
	if n := one[int](s, "SELECT count(*) FROM orders"); n != 1 {
		t.Errorf("two presses placed %d orders", n)
	}
	if left := one[int](s, "SELECT stock FROM products WHERE sku = 'GLO-TYPIST'"); left != 47 {
		t.Errorf("%d are left, want 47", left)
	}
}

// sends does something and waits until the form that it posts to a path has left the browser.
func (v *shopper) sends(path string, action chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, waitLimit)
	defer cancel()
	posted := func(e network.EventRequestWillBeSent) bool {
		return e.Request.Method == "POST" && e.Request.URL == v.shop.url+path
	}
	if _, err := chromedp.Run(ctx, chromedp.WaitEvent(network.RequestWillBeSent, posted, action)); err != nil {
		v.t.Fatalf("nothing was posted to %s: %v", path, err)
	}
}

// comesTo waits until a page whose path begins so has loaded, whatever was given up on the way.
func (v *shopper) comesTo(path string) {
	v.t.Helper()
	shoptest.Eventually(v.t, "the browser comes to "+path, func() bool {
		ctx, cancel := context.WithTimeout(v.ctx, waitLimit)
		defer cancel()
		there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](
			fmt.Sprintf(`location.pathname.startsWith(%q) && document.readyState === "complete"`, path)))
		return there && err == nil // an error is one of a page that has just gone
	})
}

// holds keeps a product's row locked until the returned function is called.
func (s *shop) holds(sku string) (release func()) {
	s.t.Helper()
	tx, err := s.db.Begin(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := tx.Exec(s.t.Context(), "SELECT 1 FROM products WHERE sku = $1 FOR UPDATE", sku); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(s.t.Context()); err != nil {
			s.t.Error(err)
		}
	}
}

func TestOneReviewInTwoTabsIsOneOrder(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.isSignedInAs(alice)
	v.puts("typist")
	v.reviews()
	second := v.secondTab()
	second.opens("/checkout/review")
	v.presses("Place order")
	number := v.hasOrdered()
	second.presses("Place order")
	second.gets(200)
	second.isAt("/orders/" + number)

	v.goesBack() // to the review, which is over
	v.isAt("/cart")
	v.notices("empty", "There is nothing to order: your cart is empty.")
	if n := one[int](s, "SELECT count(*) FROM orders"); n != 1 {
		t.Errorf("there are %d orders", n)
	}
}
