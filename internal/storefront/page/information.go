package page

import (
	"time"

	"hookandtag.example/shop/internal/order"
)

// Information is a page of text about the shop.
type Information struct {
	Layout
	Topic Topic
	// AnonymousIdle is how long the cart of a visitor who is not signed in is kept after their last
	// visit.
	AnonymousIdle time.Duration
}

// Topic names a page of information: its template, and its address below the root.
type Topic string

// The topics of the footer.
const (
	Contact       Topic = "contact"
	Delivery      Topic = "delivery"
	Privacy       Topic = "privacy"
	Imprint       Topic = "imprint"
	Accessibility Topic = "accessibility"
)

// Topics lists the pages of information in the order of the footer.
func Topics() []Topic { return []Topic{Delivery, Contact, Privacy, Accessibility, Imprint} }

// Name is the page's name, as its link says it.
func (t Topic) Name() string {
	switch t {
	case Contact:
		return "Contact"
	case Delivery:
		return "Delivery and returns"
	case Privacy:
		return "Privacy"
	case Imprint:
		return "Imprint"
	}
	return "Accessibility"
}

func (p *Information) template() string { return string(p.Topic) }

// Countries lists where the shop delivers to.
func (*Information) Countries() []order.Country { return order.Countries() }
