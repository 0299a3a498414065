package page

import (
	"slices"
	"strings"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/order"
)

// kindOf says what a product is, where its name alone does not: "Gloves · ink grey · Goatskin".
// What is not known is left out.
func kindOf(p catalog.Product) string {
	material, _, _ := strings.Cut(p.Material, ",")
	return dotted(kindWords[p.Silhouette], toneWords[p.Tone], material)
}

// colourOf returns the colour as words that begin a cell, or "".
func colourOf(p catalog.Product) string {
	words := toneWords[p.Tone]
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// kindOfLine says what was bought, by what the order keeps of it.
func kindOfLine(l order.Line) string { return dotted(kindWords[l.Silhouette], toneWords[l.Tone]) }

func dotted(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " · ")
}

var kindWords = map[string]string{
	"hook": "Hook", "rack": "Row of hooks", "hanger": "Hanger", "valet": "Clothes stand",
	"brush": "Brush", "tin": "Care in a tin", "blocks": "Blocks",
	"hat": "Hat", "bowler": "Hat", "beret": "Hat", "panama": "Hat", "beanie": "Hat", "cap": "Cap",
	"umbrella": "Umbrella", "dome": "Umbrella", "furled": "Umbrella", "pocket": "Umbrella", "two-up": "Umbrella",
	"scarf": "Scarf", "long-scarf": "Scarf", "kerchief": "Neckerchief",
	"glove": "Gloves", "mitten": "Mittens", "mitt": "Fingerless gloves",
	"bag": "Bag", "tote": "Bag", "sack": "Bag", "holdall": "Bag", "garment": "Garment bag",
}
