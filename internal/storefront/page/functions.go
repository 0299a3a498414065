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
		"asset":   assets.URL,
		"cap":     cart.Cap,
		"counted": counted,
		"date":    date,
		"dict":    dict,
		"drawing": newDrawing,
		"lasting": lasting,
		"moment":  moment,
		"rooms":   catalog.Rooms,
		"sorts":   catalog.Sorts,
		"upto":    upTo,
	}
}

// drawing is one picture: what it shows, its pattern and its colour. An empty Title
// makes it decoration, which screen readers pass over.
type drawing struct {
	Silhouette, Weave, Tone, Title string
}

var (
	weaves = []string{"plain", "herringbone", "stripe", "dot", "check", "ribbed"}
	tones  = []string{"felt", "brass", "wine", "ink", "sky", "sand"}
)

// newDrawing is the drawing of what words tell: silhouette, weave, tone and perhaps a title.
func newDrawing(words ...string) (drawing, error) {
	if len(words) < 3 || len(words) > 4 {
		return drawing{}, fmt.Errorf("a drawing takes silhouette, weave, tone and perhaps a title, not %d words", len(words))
	}
	d := drawing{Silhouette: words[0], Weave: known(words[1], weaves), Tone: known(words[2], tones)}
	if len(words) == 4 {
		d.Title = words[3]
	}
	return d, nil
}

// known is word if it is one of the words, else the first of them.
func known(word string, words []string) string {
	for _, w := range words {
		if w == word {
			return word
		}
	}
	return words[0]
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
	numbers := make([]int, max(n, 0))
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
