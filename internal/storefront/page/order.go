package page

import "hookandtag.example/shop/internal/order"

// Order is one order of the customer, as it was bought.
type Order struct {
	Layout
	Order order.Order
	// JustPlaced: the page follows the button "Place order".
	JustPlaced bool
}

func (*Order) template() string { return "order" }

// Country is the name of the country the order goes to.
func (o *Order) Country() string { return countryName(o.Order.Address) }

// Orders is the list of the customer's orders, the newest first.
type Orders struct {
	Layout
	Orders []order.Order
}

func (*Orders) template() string { return "orders" }
