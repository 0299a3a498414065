// Package order is what a customer has bought, and the checkout that leads there: address,
// delivery, totals, and the order as placed.
package order

import (
	"errors"
	"fmt"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/money"
)

var (
	// ErrNotFound says that this customer has no such order. Another customer's order is not found
	// either.
	ErrNotFound = errors.New("no such order")
	// ErrEmpty says that there is nothing in the cart to order.
	ErrEmpty = errors.New("nothing to order")
	// ErrUnfinished says that the address or the delivery is still missing; Details.Next returns
	// which.
	ErrUnfinished = errors.New("checkout is not finished")
	// ErrTooLate says that the order was placed longer than CancelWithin ago.
	ErrTooLate = errors.New("too late to cancel the order")
	// ErrStaleKey says that the order key belongs to no checkout any more: the review has to be shown
	// again.
	ErrStaleKey = errors.New("order key is out of date")
	// ErrSignedOut says that the customer was disabled, or the session that placed the order ended,
	// before it was placed.
	ErrSignedOut = errors.New("signed out before the order was placed")
)

// SoldOutError refuses an order because its lines want more than is left. Nothing was ordered and
// the cart is unchanged.
type SoldOutError struct {
	Lines []cart.Line // with the products as they are now
}

// Error names the SKUs.
func (e *SoldOutError) Error() string {
	s := "sold out:"
	for _, l := range e.Lines {
		s += " " + l.Product.SKU
	}
	return s
}

// TotalChangedError refuses an order because it would cost something else than the customer was
// shown.
type TotalChangedError struct {
	Shown, Now money.Amount
}

// Error names both totals.
func (e *TotalChangedError) Error() string {
	return fmt.Sprintf("total changed from %s to %s", e.Shown, e.Now)
}

// Status is what became of an order.
type Status string

// What can become of an order.
const (
	Placed    Status = "placed"
	Cancelled Status = "cancelled"
)

// CancelWithin is how long after placing an order a customer may cancel it.
const CancelWithin = 30 * time.Minute

// Placing is the press on "place order": who, which checkout, and the total the customer agreed to.
type Placing struct {
	CustomerID int64
	Session    string       // the handle of the session that places the order; "" when no session does
	Key        string       // of the checkout, see Checkout
	Total      money.Amount // as shown on the review
}

// Order is an order as it was placed. A later change of the catalogue changes nothing in it.
type Order struct {
	Number  string // as the customer sees it; reveals nothing and cannot be guessed
	Status  Status
	Placed  time.Time
	Address Details // where it goes, and how
	Totals  Totals
	Units   int
	Lines   []Line   // empty in a list of orders
	Names   []string // of its products, in a list of orders

	// CancelLeft is how long the customer may still cancel it; 0 when they may not.
	CancelLeft time.Duration
}

// Line is a product as it was bought.
type Line struct {
	SKU        string
	Name       string
	Silhouette string
	Weave      string
	Tone       string
	Quantity   int
	Price      money.Amount // of one piece
}

// Total is the price of all pieces of the line.
func (l Line) Total() money.Amount { return l.Price.Times(l.Quantity) }

// Copy takes the lines of a cart as they are bought now.
func Copy(lines []cart.Line) []Line {
	bought := make([]Line, 0, len(lines))
	for _, l := range lines {
		p := l.Product
		bought = append(bought, Line{SKU: p.SKU, Name: p.Name, Silhouette: p.Silhouette, Weave: p.Weave, Tone: p.Tone,
			Quantity: l.Quantity, Price: p.Price})
	}
	return bought
}
