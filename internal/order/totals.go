package order

import (
	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/money"
)

const (
	// PostPrice is what delivery by post costs.
	PostPrice money.Amount = 4_90
	// FreeDelivery is the subtotal from which on delivery costs nothing.
	FreeDelivery money.Amount = 50_00
)

// Delivery is how an order reaches the customer.
type Delivery string

// The ways an order can go.
const (
	Collect Delivery = "collect" // at the cloakroom, free
	Post    Delivery = "post"    // PostPrice, free from FreeDelivery
)

// Name is the delivery in words.
func (d Delivery) Name() string {
	switch d {
	case Collect:
		return "Collect at the cloakroom"
	case Post:
		return "By post"
	}
	return ""
}

// Price is what the delivery of goods worth subtotal costs, VAT included.
func (d Delivery) Price(subtotal money.Amount) money.Amount {
	if d == Post && subtotal < FreeDelivery {
		return PostPrice
	}
	return 0
}

// Totals is what an order costs. VAT is contained in Total, not added to it.
type Totals struct {
	Subtotal money.Amount
	Delivery money.Amount
	Total    money.Amount
	VAT      money.Amount
}

// TotalsOf is what the cart costs today with that delivery. A cart without anything that counts
// costs nothing at all.
func TotalsOf(c cart.Cart, d Delivery) Totals {
	subtotal := c.Subtotal()
	if subtotal == 0 {
		return Totals{}
	}
	t := Totals{Subtotal: subtotal, Delivery: d.Price(subtotal)}
	t.Total = t.Subtotal + t.Delivery
	t.VAT = t.Total.VAT()
	return t
}
