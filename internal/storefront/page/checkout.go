package page

import (
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/order"
)

// Checkout is what the three steps have in common. The fields' ids are their names.
type Checkout struct {
	// Details is what the customer typed, right or wrong.
	Details order.Details
	// Errors are shown in a summary at the top and again at their fields (422, and
	// Layout.HasErrors).
	Errors []order.FieldProblem
	// Cart is what will be ordered.
	Cart cart.Cart
	// Idle is the limit after which a customer who does nothing is signed out.
	Idle time.Duration
	// Change says that the step was opened from the review and leads back there: the
	// form posts a hidden field change=1.
	Change bool
	// Resumed says that the fields hold what was typed before the customer was signed out.
	Resumed bool
}

// ErrorFor is the text of the error of a field, or "".
func (c Checkout) ErrorFor(field string) string {
	for _, e := range c.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// Blocked says what keeps the cart from being ordered and what to do; "" when nothing does.
func (c Checkout) Blocked() string { return blocked(c.Cart) }

// Totals is what the order costs with the delivery chosen so far.
func (c Checkout) Totals() order.Totals { return order.TotalsOf(c.Cart, c.Details.Delivery) }

// CheckoutAddress is step 1 of 3: name, street, postcode, city, country.
type CheckoutAddress struct {
	Layout
	Checkout
}

func (*CheckoutAddress) template() string { return "checkout-address" }

// Countries may be delivered to; the first is the usual one.
func (*CheckoutAddress) Countries() []order.Country { return order.Countries() }

// CheckoutDelivery is step 2 of 3: by post, or collected at the cloakroom.
type CheckoutDelivery struct {
	Layout
	Checkout
}

func (*CheckoutDelivery) template() string { return "checkout-delivery" }

// Ways are the deliveries to choose from, with what each would cost now.
func (c *CheckoutDelivery) Ways() []Way {
	var ways []Way
	for _, d := range []order.Delivery{order.Post, order.Collect} {
		ways = append(ways, Way{d, d.Price(c.Cart.Subtotal())})
	}
	return ways
}

// Way is one delivery and its price.
type Way struct {
	Delivery order.Delivery
	Price    money.Amount
}

// CheckoutReview is step 3 of 3: everything once more, and the button that orders
// (POST /orders with order_key, total and payment).
type CheckoutReview struct {
	Layout
	Checkout
	// OrderKey makes a second press of the button lead to the same order.
	OrderKey string
	// ChangedFrom is the total the customer agreed to, when it is no longer the total
	// and nothing was ordered; 0 otherwise.
	ChangedFrom money.Amount
	// Declined: the demo payment was declined; nothing was ordered.
	Declined bool
	// Declines: the payment is chosen to fail.
	Declines bool
}

func (*CheckoutReview) template() string { return "checkout-review" }

// Section is the checkout's, even where the page answers a refused order.
func (*CheckoutReview) Section() string { return "checkout" }

// Country is the name of the country the order goes to.
func (c *CheckoutReview) Country() string { return countryName(c.Details) }

func countryName(d order.Details) string {
	country, _ := order.FindCountry(d.Country)
	return country.Name
}
