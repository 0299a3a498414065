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

func TestIssuerAndSubjectAloneIdentify(t *testing.T) {
	alice := customer.Identity{Issuer: "https://a.test", Subject: "1", Email: "alice@example.test"}
	for what, other := range map[string]struct {
		customer.Identity
		same bool
	}{
		"a new e-mail": {customer.Identity{Issuer: "https://a.test", Subject: "1",
			Email: "new@example.test"}, true},
		"the same e-mail, another subject": {customer.Identity{Issuer: "https://a.test", Subject: "2",
			Email: "alice@example.test"}, false},
		"the same subject, another issuer": {customer.Identity{Issuer: "https://b.test", Subject: "1",
			Email: "alice@example.test"}, false},
		"a subject that differs by its case": {customer.Identity{Issuer: "https://A.test", Subject: "1"}, false},
	} {
		if alice.Same(other.Identity) != other.same {
			t.Errorf("%s: same = %v", what, !other.same)
		}
	}
}
