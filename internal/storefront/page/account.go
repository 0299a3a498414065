package page

import (
	"time"

	"hookandtag.example/shop/internal/customer"
)

// Account is the customer's own page.
type Account struct {
	Layout
	Customer customer.Customer
	// SignedInAt is when the provider last checked who the customer is.
	SignedInAt time.Time
	// Undated says that the provider did not tell when it did, so that SignedInAt is the sign-in here.
	Undated bool
	// Idle is how long a signed-in customer may do nothing.
	Idle time.Duration
	// AbsoluteLeft is what is left until the customer is asked to sign in again in any case.
	AbsoluteLeft time.Duration
}

func (*Account) template() string { return "account" }
