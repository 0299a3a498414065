package customer_test

import (
	"testing"

	"hookandtag.example/shop/internal/customer"
)

func TestACustomerWithoutANameIsGreetedAllTheSame(t *testing.T) {
	if got := (customer.Customer{}).Greeting(); got != "customer" {
		t.Errorf("greeted as %q", got)
	}
	named := customer.Customer{Identity: customer.Identity{Name: "Alice"}}
	if got := named.Greeting(); got != "Alice" {
		t.Errorf("greeted as %q", got)
	}
}
