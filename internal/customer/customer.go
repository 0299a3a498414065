// Package customer says who buys: the shop's record of a person and the identity it came from.
package customer

import "errors"

// ErrDisabled says that the shop has closed this customer's record: they may not sign in.
var ErrDisabled = errors.New("customer is disabled")

// Identity is what a provider proved about a person. Issuer and Subject together identify; Name and
// Email are only what the provider said at that time, and no two customers are ever joined because
// of them (OIDC Core 5.7).
type Identity struct {
	Issuer        string
	Subject       string
	Name          string
	Email         string
	EmailVerified bool
}

// Customer is a person known to the shop.
type Customer struct {
	ID int64
	Identity
	Disabled bool
}

// Greeting is how a page addresses the customer: the name, or "customer" if the provider sent none.
func (c Customer) Greeting() string {
	if c.Name == "" {
		return "customer"
	}
	return c.Name
}
