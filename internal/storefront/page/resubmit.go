package page

import (
	"net/url"
	"slices"
	"strings"

	"hookandtag.example/shop/internal/order"
)

// Resubmit asks for one more click when a form came with a stale form token, for
// example because the customer signed in in another tab after opening it. It shows
// what was typed and posts it again, unchanged, with a new token.
type Resubmit struct {
	Layout
	// Action is the path the form was posted to.
	Action string
	// Waited says that the form was posted after the customer had been signed out, and
	// was kept until now; otherwise its token was stale.
	Waited bool
	// Reauthenticated says that the form was kept until the customer had proved once more who they
	// are.
	Reauthenticated bool
	// Product is the name of the product that the form is about; "": it is about none.
	Product string
	// Fields are the posted fields; a form_token among them is left out.
	Fields url.Values
}

func (*Resubmit) template() string { return "resubmit" }

// Section is none: the page is not the one the form was posted to.
func (*Resubmit) Section() string { return "" }

// Field is a posted field: as it goes into the form, or as it is shown.
type Field struct{ Name, Label, Value string }

// fieldLabels names the fields that say something to the customer; others are posted
// again without being shown.
var fieldLabels = map[string]string{
	"quantity": "Quantity", "name": "Full name", "street": "Street and house number",
	"postcode": "Postcode", "city": "Town or city", "country": "Country", "delivery": "Delivery",
}

// Posted are all fields to post again, in a fixed order.
func (p *Resubmit) Posted() []Field {
	var fields []Field
	for name, values := range p.Fields {
		if name == "form_token" {
			continue
		}
		for _, v := range values {
			fields = append(fields, Field{name, fieldLabels[name], v})
		}
	}
	slices.SortStableFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

// Shown are the product and the fields the customer typed or chose, as words.
func (p *Resubmit) Shown() []Field {
	var shown []Field
	if p.Product != "" {
		shown = append(shown, Field{Label: "Item", Value: p.Product})
	}
	for _, f := range p.Posted() {
		if f.Label == "" || f.Value == "" || p.removes() {
			continue
		}
		shown = append(shown, Field{f.Name, f.Label, inWords(f)})
	}
	return shown
}

// inWords is the value of a field as people read it.
func inWords(f Field) string {
	switch f.Name {
	case "delivery":
		if name := order.Delivery(f.Value).Name(); name != "" {
			return name
		}
	case "country":
		if c, ok := order.FindCountry(f.Value); ok {
			return c.Name
		}
	}
	return f.Value
}

// Doing is what the button does, in words.
func (p *Resubmit) Doing() string {
	switch {
	case p.Action == "/cart/lines":
		return "Add it to the cart"
	case strings.HasPrefix(p.Action, "/orders/") && strings.HasSuffix(p.Action, "/cancel"):
		return "Cancel the order"
	case strings.HasPrefix(p.Action, "/orders/"):
		return "Order again"
	case p.Action == "/account/devices/end-others":
		return "Sign out everywhere else"
	case strings.HasPrefix(p.Action, "/account/devices/"):
		return "Sign that browser out"
	case p.Action == "/logout":
		return "Sign out"
	case p.Action == "/account/stay":
		return "Stay signed in"
	case p.Action == "/cart/undo":
		return "Undo"
	case p.Action == "/cart/forget":
		return "Empty and forget this cart"
	case p.Action == "/cart/set-aside":
		return "Save what is sold out for later and continue"
	case strings.HasSuffix(p.Action, "/save"):
		return "Save it for later"
	case strings.HasSuffix(p.Action, "/restore"):
		return "Add it to the cart"
	case strings.HasSuffix(p.Action, "/remove"):
		return "Remove it"
	case p.removes():
		return "Remove it"
	case strings.HasPrefix(p.Action, "/checkout/"):
		return "Save and continue"
	}
	return "Yes, do it"
}

// removes reports whether the form takes a line out of the cart, which it does by the number 0.
func (p *Resubmit) removes() bool {
	return strings.HasPrefix(p.Action, "/cart/lines/") && p.Fields.Get("quantity") == "0"
}
