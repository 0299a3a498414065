package seed_test

import (
	"slices"
	"testing"
	"unicode/utf8"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/catalog/seed"
)

var (
	silhouettes = []string{"hat", "bowler", "beret", "panama", "beanie", "cap", "umbrella", "dome", "pocket", "two-up",
		"scarf", "long-scarf", "kerchief",
		"glove", "mitten", "mitt", "bag", "tote", "sack", "garment", "holdall", "hook", "rack", "hanger", "valet", "brush",
		"tin", "blocks"}
	weaves = []string{"plain", "herringbone", "stripe", "dot", "check", "ribbed"}
	tones  = []string{"felt", "brass", "wine", "ink", "sky", "sand"}
)

func TestThirtyTwoProductsFillSixRooms(t *testing.T) {
	items := seed.Items()
	if len(items) != 32 {
		t.Errorf("%d products, want 32", len(items))
	}
	for _, room := range catalog.Rooms() {
		if !slices.ContainsFunc(items, func(p catalog.Product) bool { return p.Room == room }) {
			t.Errorf("nothing in %s", room.Name())
		}
	}
}

func TestEveryProductIsComplete(t *testing.T) {
	for _, p := range seed.Items() {
		if !catalog.ValidSKU(p.SKU) || p.Summary == "" || p.Description == "" || p.Care == "" ||
			p.Material == "" || p.Size == "" || p.Weight == "" || p.Price <= 0 {
			t.Errorf("%s lacks something: %+v", p.SKU, p)
		}
		if !slices.Contains(silhouettes, p.Silhouette) || !slices.Contains(weaves, p.Weave) ||
			!slices.Contains(tones, p.Tone) {
			t.Errorf("%s cannot be drawn: %s, %s, %s", p.SKU, p.Silhouette, p.Weave, p.Tone)
		}
		if p.Colour() == "" || p.Materials().Empty() {
			t.Errorf("%s is found by no colour (%q) or no material (%q)", p.SKU, p.Tone, p.Material)
		}
	}
}

func TestNoTwoProductsShareWhatMustDiffer(t *testing.T) {
	for what, of := range map[string]func(catalog.Product) any{
		"SKU":      func(p catalog.Product) any { return p.SKU },
		"slug":     func(p catalog.Product) any { return p.Slug },
		"name":     func(p catalog.Product) any { return p.Name },
		"position": func(p catalog.Product) any { return p.Position },
		"drawing":  func(p catalog.Product) any { return [3]string{p.Silhouette, p.Weave, p.Tone} },
	} {
		seen := map[any]string{}
		for _, p := range seed.Items() {
			if other, again := seen[of(p)]; again {
				t.Errorf("%s and %s have the same %s", other, p.SKU, what)
			}
			seen[of(p)] = p.SKU
		}
	}
}

func TestTheSpecialCasesAreThere(t *testing.T) {
	for what, is := range map[string]func(catalog.Product) bool{
		"sold out":       func(p catalog.Product) bool { return p.Stock == 0 },
		"last one":       func(p catalog.Product) bool { return p.Stock == 1 },
		"three left":     func(p catalog.Product) bool { return p.Stock == 3 },
		"limit of two":   func(p catalog.Product) bool { return p.Limit == 2 },
		"reduced":        func(p catalog.Product) bool { return p.Reduced() },
		"very long name": func(p catalog.Product) bool { return utf8.RuneCountInString(p.Name) > 60 },
		"umlaut in name": func(p catalog.Product) bool { return catalog.Fold(p.Name) != lower(p.Name) },
	} {
		n := 0
		for _, p := range seed.Items() {
			if is(p) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: %d products, want 1", what, n)
		}
	}
}

// lower is s in lower case as far as ASCII goes.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
