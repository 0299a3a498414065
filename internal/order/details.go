package order

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"hookandtag.example/shop/internal/text"
)

// The most characters a field may have.
const (
	maxName   = 100
	maxStreet = 120
	maxCity   = 80
	// maxKept is where a field that is far too long is cut, so that it can be shown again and stored.
	maxKept = 300
)

// Checkout is the checkout a customer is in the middle of.
type Checkout struct {
	Key     string // goes with the order it leads to; unguessable, and a new one after each order
	Details Details
}

// Details is what a customer has filled in so far. The address is asked for collecting too: the
// invoice needs it.
type Details struct {
	Name     string
	Street   string
	Postcode string
	City     string
	Country  string // ISO 3166-1 alpha-2, one of Countries
	Delivery Delivery
}

// FieldProblem is one sentence about one field, named as in the form.
type FieldProblem struct {
	Field string
	Text  string
}

// Step is a page of the checkout.
type Step string

// The steps of the checkout, in order.
const (
	AddressStep  Step = "address"
	DeliveryStep Step = "delivery"
	ReviewStep   Step = "review"
)

// Next is the first step that is not finished: the review when address and delivery are.
func (d Details) Next() Step {
	switch {
	case len(d.CheckAddress()) > 0:
		return AddressStep
	case len(d.CheckDelivery()) > 0:
		return DeliveryStep
	}
	return ReviewStep
}

// Clean is the details as they are checked and stored: text without control characters and needless
// space, and no field of any absurd length. What was too long stays too long, so that
// CheckAddress still says so.
func (d Details) Clean() Details {
	d.Name, d.Street, d.City = text.Line(d.Name, maxKept), text.Line(d.Street, maxKept), text.Line(d.City, maxKept)
	d.Postcode = strings.ToUpper(text.Line(d.Postcode, maxKept))
	d.Country = strings.ToUpper(text.Line(d.Country, maxKept))
	if country, known := FindCountry(d.Country); known {
		if postcode, ok := country.FindPostcode(d.Postcode); ok {
			d.Postcode = postcode
		}
	}
	if d.Delivery.Name() == "" {
		d.Delivery = ""
	}
	return d
}

// CheckAddress lists what is wrong with the address.
func (d Details) CheckAddress() []FieldProblem {
	var wrong []FieldProblem
	check := func(field, value, missing string, most int) {
		switch n := utf8.RuneCountInString(value); {
		case !text.Readable(value):
			wrong = append(wrong, FieldProblem{field, missing})
		case n > most:
			wrong = append(wrong, FieldProblem{field, fmt.Sprintf("Use at most %d characters.", most)})
		}
	}
	check("name", d.Name, "Enter the name for the parcel.", maxName)
	check("street", d.Street, "Enter street and house number.", maxStreet)
	if hint := d.checkPostcode(); hint != "" {
		wrong = append(wrong, FieldProblem{"postcode", hint})
	}
	check("city", d.City, "Enter the town or city.", maxCity)
	if _, known := FindCountry(d.Country); !known {
		wrong = append(wrong, FieldProblem{"country", "Choose a country from the list."})
	}
	return wrong
}

// CheckDelivery lists what is wrong with the delivery.
func (d Details) CheckDelivery() []FieldProblem {
	if d.Delivery.Name() == "" {
		return []FieldProblem{{"delivery", "Choose how you would like to get your order."}}
	}
	return nil
}

// checkPostcode returns what to say about the postcode; "" when it is right, or when the country
// must be chosen first.
func (d Details) checkPostcode() string {
	if d.Postcode == "" {
		return "Enter the postcode."
	}
	country, known := FindCountry(d.Country)
	if !known {
		return ""
	}
	if _, ok := country.FindPostcode(d.Postcode); !ok {
		return fmt.Sprintf("Enter a postcode of %s, as in %s, or choose another country.", country.Name, country.Example)
	}
	return ""
}
