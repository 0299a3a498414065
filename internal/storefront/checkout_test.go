package storefront_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/storefront"
)

// shopper is a visitor with one hat in the cart who has signed in.
func (s *shop) shopper(subject string) *browser {
	s.t.Helper()
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.signIn(subject, "")
	return b
}

// press presses "place order" on a review page.
func (b *browser) press(review, payment string) reply {
	b.t.Helper()
	return b.post("/orders", "form_token", field(b.t, review, "form_token"), "order_key", field(b.t, review, "order_key"),
		"total", field(b.t, review, "total"), "payment", payment)
}

func TestLaterStepLeadsToTheFirstUnfinishedOne(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	wantLocation(t, b.get("/checkout/review"), "/cart")
	wantBody(t, b.get("/cart"), `data-notice="empty"`)
	b.submit("/cart/lines", "sku", "HAT-1")
	wantLocation(t, b.get("/checkout/review"), "/checkout/address")
	wantBody(t, b.get("/checkout/address"), `class="notice urgent" data-notice="step"`)
	wantLocation(t, b.get("/checkout/delivery"), "/checkout/address")
	wantLocation(t, b.submit("/checkout/delivery", "delivery", "post"), "/checkout/address")
	b.submit("/checkout/address", "name", "Ann", "street", "Hook Street 1", "postcode", "10115", "city", "Berlin",
		"country", "DE")
	wantLocation(t, b.get("/checkout/review"), "/checkout/delivery")
	wantLocation(t, b.submit("/checkout/delivery", "delivery", "post"), "/checkout/review")
	wantLocation(t,
		b.submit("/checkout/address", "change", "1", "name", "Ann", "street", "Hook Street 2", "postcode", "10115", "city",
			"Berlin", "country", "DE"), "/checkout/review")
	wantBody(t, b.get("/checkout/review"), "Hook Street 2", "€34.80")
}

func TestAnEmptyCartHasNoCheckout(t *testing.T) {
	t.Parallel()
	b := newShop(t).visitor()
	b.signIn("ann", "")
	wantLocation(t, b.get("/checkout/address"), "/cart")
	wantBody(t, b.get("/cart"), `class="notice urgent" data-notice="empty"`, "nothing to order", `href="/orders"`)
	wantLocation(t, b.submit("/checkout/address", "name", "Ann"), "/cart")
	wantLocation(t, b.submit("/orders"), "/cart")
	orders := b.get("/orders")
	wantBody(t, orders, "There is nothing to order")
	if strings.Contains(orders.body, "What you have ordered") {
		t.Error("GET /orders: got a notice that links to the page it is on, want none")
	}
}

func TestTheAddressBeginsWithTheNameOfTheAccount(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	wantBody(t, b.get("/checkout/address"), `name="name" value="Customer ann"`)
	wantStatus(t, b.submit("/checkout/address", "name", ""), http.StatusUnprocessableEntity)
	b.submit("/checkout/address", "name", "Ann", "street", "Hook Street 1", "postcode", "10115", "city", "Berlin",
		"country", "DE")
	wantBody(t, b.get("/checkout/address"), `name="name" value="Ann"`)
}

func TestWrongFieldsAreShownAgainWithTheirErrors(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	r := b.submit("/checkout/address", "name", "Ann", "postcode", "1", "city", strings.Repeat("x", 5000), "country", "XX")
	wantStatus(t, r, http.StatusUnprocessableEntity)
	wantBody(t, r, `href="#street"`, `href="#city"`, `href="#country"`, `value="Ann"`, "Error: ")
	wantBody(t, b.get("/checkout/address"), `value="Ann"`) // kept, right or wrong
	b.submit("/checkout/address", "name", "Ann", "street", "Hook Street 1", "postcode", "10115", "city", "Berlin",
		"country", "DE")
	wantStatus(t, b.submit("/checkout/delivery", "delivery", "pigeon"), http.StatusUnprocessableEntity)
	wantStatus(t, b.submit("/checkout/delivery"), http.StatusUnprocessableEntity)
}

func TestDeclinedPaymentKeepsEverything(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	review := b.toReview()
	declined := b.press(review, "decline")
	wantStatus(t, declined, http.StatusUnprocessableEntity)
	wantBody(t, declined, `data-notice="declined"`, "Hook Street 1", `data-cart-count="1"`,
		`name="return_to" value="/checkout/review"`) // of the dialog: they are signed in
	wantBody(t, declined, `value="decline" checked>`, `value="approve" required>`) // it is not chosen anew for them
	wantBody(t, b.press(strings.Replace(review, field(t, review, "order_key"), "junk", 1), "decline"),
		`value="decline" checked>`)
	wantBody(t, b.press(review, "later"), `value="approve" required checked>`)
	wantStatus(t, b.press(review, "later"), http.StatusUnprocessableEntity)
	wantStatus(t, b.press(strings.Replace(review, field(t, review, "order_key"), "junk", 1), "approve"),
		http.StatusUnprocessableEntity)
	if n := s.count(`SELECT count(*) FROM orders`); n != 0 {
		t.Errorf("%d orders", n)
	}
	if to := b.press(declined.body, "approve").Header.Get("Location"); !strings.HasPrefix(to, "/orders/HT-") {
		t.Errorf("after a decline an order leads to %q", to)
	}
}

func TestChangedTotalAsksAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	review := b.toReview()
	s.exec(`UPDATE products SET price = 3190 WHERE sku = 'HAT-1'`)
	asked := b.press(review, "approve")
	wantStatus(t, asked, http.StatusConflict)
	wantBody(t, asked, `data-notice="total-changed"`, "€29.90", "€31.90")
	wantStatus(t, b.press(asked.body, "approve"), http.StatusSeeOther)
	if n := s.count(`SELECT total FROM orders`); n != 3190 {
		t.Errorf("total %d", n)
	}
}

type orders = storefront.Orders // its name as an embedded field hides no method

// dearer raises a price when an order has been posted already.
type dearer struct {
	orders
	shop *shop
}

func (d dearer) PlaceOrder(ctx context.Context, p order.Placing) (order.Order, error) {
	d.shop.exec(`UPDATE products SET price = 3190 WHERE sku = 'HAT-1'`)
	return d.orders.PlaceOrder(ctx, p)
}

func TestTheReviewShowsTheTotalThatRefusedTheOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	review := b.toReview()
	s.build([]setting{func(c *storefront.Config) {
		c.Orders, c.Catalog = dearer{c.Orders, s}, postgres.NewCatalog(s.store, nil)
	}})
	b.get("/cart") // the catalogue is in memory
	asked := b.press(review, "approve")
	wantStatus(t, asked, http.StatusConflict)
	wantBody(t, asked, "€31.90")
	if got := field(t, asked.body, "total"); got != "31.90" {
		t.Errorf("the review asks to pay %q, want 31.90", got)
	}
}

func TestSoldOutMeanwhileShowsTheCartWithTheLineMarked(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	review := b.toReview()
	s.exec(`UPDATE products SET stock = 0 WHERE sku = 'HAT-1'`)
	refused := b.press(review, "approve")
	wantStatus(t, refused, http.StatusConflict)
	wantBody(t, refused, `data-notice="sold-out"`, `data-sku="HAT-1"`, "Rain Bowler")
	wantLocation(t, b.get("/checkout/review"), "/cart")
}

func TestPressingTwiceAtOnceIsOneOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	review := b.toReview()
	var wait sync.WaitGroup
	places := make([]string, 8)
	for i := range places {
		twin := b.twin()
		wait.Go(func() { places[i] = twin.press(review, "approve").Header.Get("Location") })
	}
	wait.Wait()
	for _, to := range places {
		if to != places[0] || to == "" {
			t.Fatalf("orders lead to %q", places)
		}
	}
	if n := s.count(`SELECT count(*) FROM orders`); n != 1 {
		t.Errorf("%d orders", n)
	}
	wantBody(t, b.get(places[0]), "Rain Bowler")
}

// ASVS 8.2.2; feature 27
func TestForeignOrderIsAsUnknownAsNone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	review := b.toReview()
	placed := b.press(review, "approve").Header.Get("Location")
	thief := s.shopper("bob")
	foreign, unknown := thief.get(placed), thief.get("/orders/HT-2222-2222")
	wantStatus(t, foreign, http.StatusNotFound)
	wantStatus(t, unknown, http.StatusNotFound)
	same := func(r reply, number string) string {
		return strings.NewReplacer(r.Header.Get("X-Request-Id"), "ID", number, "NUMBER").Replace(r.body)
	}
	if same(foreign, strings.TrimPrefix(placed, "/orders/")) != same(unknown, "HT-2222-2222") {
		t.Error("the two pages differ")
	}
	stolen := thief.toReview()
	r := thief.post("/orders", "form_token", field(t, stolen, "form_token"), "order_key", field(t, review, "order_key"),
		"total", field(t, stolen, "total"), "payment", "approve")
	wantStatus(t, r, http.StatusNotFound)
}

func TestConfirmationIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	placed := b.press(b.toReview(), "approve").Header.Get("Location")
	first, second := b.get(placed), b.get(placed)
	if first.body == second.body {
		t.Error("the first look at an order confirms it")
	}
	wantNoBody(t, first, `data-notice="placed"></`)
}

// A customer who changes one thing at the review, is signed out on the way and signs in again still
// returns to the review.
func TestAChangeThatWaitedForASignInLeadsBackToTheReview(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for path, fields := range map[string][]string{
		"/checkout/address": {"name", "Ann", "street", "Hook Street 2", "postcode", "10115", "city", "Berlin",
			"country", "DE", "change", "1"},
		"/checkout/delivery": {"delivery", "collect", "change", "1"},
	} {
		b := s.visitor()
		b.signIn("ann", "")
		b.submit("/cart/lines", "sku", "HAT-1")
		b.submit("/checkout/address", "name", "Ann", "street", "Hook Street 1", "postcode", "10115", "city", "Berlin",
			"country", "DE")
		b.submit("/checkout/delivery", "delivery", "post")
		token := b.token(path + "?change=1")
		s.goIdle()
		b.post(path, append(fields, "form_token", token)...)
		b.signIn("ann", path)
		wantBody(t, b.get(path), `data-notice="resumed"`, `name="change" value="1"`, "Save and go back to the review")
	}
}

func TestWhatIsChangedFromTheReviewLeavesTheOtherStepDone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	b.submit("/cart/lines", "sku", "HAT-1")
	wantBody(t, b.get("/checkout/address"), "<dt>Delivery</dt>", "added at the review")
	b.submit("/checkout/address", "name", "Ann", "street", "Hook Street 1", "postcode", "10115", "city", "Berlin",
		"country", "DE")
	b.submit("/checkout/delivery", "delivery", "post")
	for path, done := range map[string]string{
		"/checkout/address?change=1":  "Delivery<span class=\"hidden\"> (done)</span>",
		"/checkout/delivery?change=1": "Address<span class=\"hidden\"> (done)</span>",
	} {
		wantBody(t, b.get(path), done)
	}
}

// lateOrders are orders whose session ends before each is placed.
type lateOrders struct {
	*postgres.Store
	end func()
}

func (o lateOrders) PlaceOrder(ctx context.Context, p order.Placing) (order.Order, error) {
	o.end()
	return o.Store.PlaceOrder(ctx, p)
}

func TestAnOrderWhoseSessionEndsInBetweenComesBackToTheReview(t *testing.T) {
	t.Parallel()
	var s *shop
	s = newShop(t, func(c *storefront.Config) {
		c.Orders = lateOrders{c.Orders.(*postgres.Store), func() { s.goIdle() }}
	})
	b := s.shopper("ann")
	review := b.toReview()
	posted := b.post("/orders", "form_token", field(t, review, "form_token"), "order_key", field(t, review, "order_key"),
		"total", field(t, review, "total"), "payment", "approve")
	wantLocation(t, posted, "/login?return_to=%2Fcheckout%2Freview%3Funplaced%3D1")
}
