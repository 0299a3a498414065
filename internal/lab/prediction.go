package lab

import (
	"strconv"

	"hookandtag.example/shop/internal/mallory"
)

var prediction = &lesson{
	number: 2, title: "Guessing a tag",
	weakness: "Session ids are counted: the number below yours is somebody's.",
	defences: []mallory.Defence{{Key: "random", Text: "Ids are random, 130 bits each"}},
	weaken: func(x *exhibit) {
		if !x.on["random"] {
			x.newID = x.countedID
		}
	},
	seed: (*exhibit).fillWithStrangers,
}

// countedID numbers the sessions in order.
func (x *exhibit) countedID() string {
	x.counter++
	return strconv.Itoa(x.counter)
}

var strangers = []string{"Wilma", "Otto", "Ida"}

// fillWithStrangers makes the shop one that others use too: Mallory looks for them.
func (x *exhibit) fillWithStrangers() {
	for i := range 8 {
		s := x.begin(x.newID())
		s.cart[products[i%len(products)].SKU] = 1 + i%2
		if i%3 == 0 {
			s.user = strangers[i/3]
		}
	}
}
