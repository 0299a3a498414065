package page

import (
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the image of the shop holds no zone files

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/order"
)

// functions are what templates may call besides the methods of the values they are given.
func functions(assets *Assets) template.FuncMap {
	return template.FuncMap{
		"asset":        assets.URL,
		"blockPlaces":  func() []string { return []string{"-54 96", "54 96", "0 0"} },
		"cancelWithin": func() time.Duration { return order.CancelWithin },
		"cap":          cart.Cap,
		"colour":       colourOf,
		"counted":      counted,
		"date":         date,
		"dict":         dict,
		"drawing":      newDrawing,
		"freeDelivery": func() money.Amount { return order.FreeDelivery },
		"inc":          func(i int) int { return i + 1 },
		"kind":         kindOf,
		"kindOfLine":   kindOfLine,
		"lasting":      lasting,
		"lower":        strings.ToLower,
		"lowered":      lowered,
		"machineTime":  machineTime,
		"maxQuantity":  func() int { return cart.MaxQuantity },
		"maxQuery":     func() int { return catalog.MaxQuery },
		"moment":       moment,
		"pegs":         func() []int { return []int{108, 268, 450, 636} },
		"postPrice":    func() money.Amount { return order.PostPrice },
		"raised":       raised,
		"rooms":        catalog.Rooms,
		"shift":        func(i, by int) int { return i * by },
		"sorts":        catalog.Sorts,
		"steps":        func() []string { return []string{"Address", "Delivery", "Review"} },
		"title":        drawingTitle,
		"topics":       Topics,
		"upto":         upTo,
		"vatPercent":   func() int { return money.VATPercent },
		"whole":        whole,
		"zone":         func() string { return Zone },
	}
}

// dict gathers names and values for a partial that takes more than one.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d words are not pairs", len(pairs))
	}
	d := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		d[name] = pairs[i+1]
	}
	return d, nil
}

// upTo is the numbers 1 to n.
func upTo(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i + 1
	}
	return numbers
}

// lowered is the quantity that the minus button of a line asks for; 0 when there is nothing to
// lower.
func lowered(l cart.Line) int { return min(l.Quantity-1, cart.Cap(l.Product)) }

// raised is the quantity that the plus button of a line asks for; 0 when the line holds the most it
// can.
func raised(l cart.Line) int {
	if l.Quantity >= cart.Cap(l.Product) {
		return 0
	}
	return l.Quantity + 1
}

// counted is a number with its noun: "1 item", "3 items".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// lasting is a time span in words, in the units that divide it: "30 minutes", "24 hours", "30
// days". From two units on the smaller ones are dropped: 21 h 40 min is "21 hours".
func lasting(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d > 2*day || d == 2*day:
		return counted(int(d/day), "day", "days")
	case d >= time.Hour && (d%time.Hour == 0 || d >= 3*time.Hour):
		return counted(int(d/time.Hour), "hour", "hours")
	case d >= time.Minute:
		return counted(int(d/time.Minute), "minute", "minutes")
	}
	return counted(max(int(d/time.Second), 0), "second", "seconds")
}

// Zone is the time zone of every time the shop shows, in its pages and its script. The
// pages name it: "14:05 CET".
const Zone = "Europe/Berlin"

var zone = sync.OnceValue(func() *time.Location {
	z, err := time.LoadLocation(Zone)
	if err != nil {
		panic(err) // time/tzdata is part of the program
	}
	return z
})

// InZone returns t in Zone.
func InZone(t time.Time) time.Time { return t.In(zone()) }

// moment is a date and a time of day in Zone.
func moment(t time.Time) string { return InZone(t).Format("2 January 2006, 15:04 MST") }

// date is a day in Zone.
func date(t time.Time) string { return InZone(t).Format("2 January 2006") }

// machineTime is a moment for the datetime attribute of <time>.
func machineTime(t time.Time) string { return InZone(t).Format(time.RFC3339) }
