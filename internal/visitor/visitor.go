// Package visitor joins a session with the shop's customer and cart, which the session package does
// not know. The store reads an Along with each session and does a Work in the transaction of a
// sign-in; of these a request's Visitor is made.
package visitor

import (
	"context"
	"fmt"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/session"
)

// Along is what the store reads in the statement that finds a session: session.Record.Along. A
// store writes it; pages read a Visitor.
type Along struct {
	Customer customer.Customer // the session's owner; ID 0: it is anonymous
	CartID   int64             // the owner's cart, or the anonymous session's; 0: none
	Glance   cart.Glance
}

// Work is what the store does for the shop in the transaction of a sign-in:
// session.SignInRecord.Work. It records the customer and merges the anonymous cart with theirs.
type Work struct {
	Identity customer.Identity
	From     cart.From // from which kind of page the sign-in came
}

// Visitor is who a request comes from, as it began.
type Visitor struct {
	Customer customer.Customer // ID 0: nobody is signed in
	Cart     cart.Owner        // whose cart this visitor sees
	Glance   cart.Glance       // what pages beside the cart's own show of it
}

// Of returns who a request comes from.
func Of(ctx context.Context, m *session.Manager) Visitor {
	along, _ := m.Along(ctx).(Along) // without a session there is nothing to know
	v := Visitor{Glance: along.Glance, Cart: cart.Owner{CartID: m.Ref(ctx)}}
	if owner, ok := m.Owner(ctx); ok {
		v.Customer, v.Cart = along.Customer, cart.Owner{CustomerID: owner}
	}
	if v.Cart.IsZero() { // the cart of a session that ended is not this browser's any more
		v.Glance.Lines, v.Glance.Saved, v.Glance.Undo = nil, nil, nil
	}
	return v
}

// SignIn is session.Manager.SignIn with w done in its transaction. Its errors are
// customer.ErrDisabled and those of session.Manager.SignIn.
func SignIn(ctx context.Context, m *session.Manager, a session.Authentication, w Work) (customer.Customer, cart.Merged,
	error) {
	a.Issuer, a.Subject, a.Work = w.Identity.Issuer, w.Identity.Subject, w
	done, err := m.SignIn(ctx, a)
	if err != nil {
		return customer.Customer{}, cart.Merged{}, err
	}
	along, ok := done.Along.(Along)
	merged, alsoOK := done.Result.(cart.Merged)
	if !ok || !alsoOK {
		return customer.Customer{}, cart.Merged{},
			fmt.Errorf("sign in: the store returned %T and %T", done.Along, done.Result)
	}
	return along.Customer, merged, nil
}
