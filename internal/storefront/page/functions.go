package page

import (
	"fmt"
	"html/template"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
)

// functions are what templates may call besides the methods of the values they are given.
func functions(assets *Assets) template.FuncMap {
	return template.FuncMap{
		"asset":       assets.URL,
		"blockPlaces": func() []string { return []string{"-54 96", "54 96", "0 0"} },
		"cap":         cart.Cap,
		"counted":     counted,
		"date":        date,
		"dict":        dict,
		"drawing":     newDrawing,
		"inc":         func(i int) int { return i + 1 },
		"lasting":     lasting,
		"moment":      moment,
		"pegs":        func() []int { return []int{108, 268, 450, 636} },
		"rooms":       catalog.Rooms,
		"shift":       func(i, by int) int { return i * by },
		"sorts":       catalog.Sorts,
		"steps":       func() []string { return []string{"Address", "Delivery", "Review"} },
		"title":       drawingTitle,
		"upto":        upTo,
		"whole":       whole,
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

// counted is a number with its noun: "1 thing", "3 things".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// lasting is a time span in words, in the units that divide it: "30 minutes", "24 hours", "30 days".
// From two units on the smaller ones are dropped: 21 h 40 min is "21 hours".
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

// moment is a date and a time of day for people.
func moment(t time.Time) string { return t.Format("2 January 2006, 15:04 MST") }

// date is a day for people.
func date(t time.Time) string { return t.Format("2 January 2006") }
