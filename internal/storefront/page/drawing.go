package page

import (
	"fmt"
	"slices"

	"hookandtag.example/shop/internal/catalog"
)

// drawing is one picture: what it shows, its pattern and its colour. An empty Title
// makes it decoration, which screen readers pass over.
type drawing struct {
	Silhouette, Weave, Tone, Title string
	// Scene says that the drawing is part of a larger one, which has a rail already.
	Scene bool
}

// What the templates in drawings/ can draw, the one for unknown words first.
var (
	silhouettes = []string{"hook", "rack", "hanger", "valet", "brush", "tin", "blocks",
		"hat", "bowler", "beret", "panama", "beanie", "cap", "umbrella", "dome", "furled", "pocket", "two-up",
		"scarf", "long-scarf", "kerchief", "glove", "mitten", "mitt", "bag", "tote", "sack", "garment", "holdall"}
	weaves = []string{"plain", "herringbone", "stripe", "dot", "check", "ribbed"}
	tones  = []string{"felt", "brass", "wine", "ink", "sky", "sand"}
)

// newDrawing is the drawing of what words tell: silhouette, weave, tone and perhaps a title.
func newDrawing(words ...string) (drawing, error) {
	if len(words) < 3 || len(words) > 4 {
		return drawing{}, fmt.Errorf("a drawing takes silhouette, weave, tone and perhaps a title, not %d words", len(words))
	}
	d := drawing{Silhouette: known(words[0], silhouettes), Weave: known(words[1], weaves), Tone: known(words[2], tones)}
	if len(words) == 4 {
		d.Title = words[3]
	}
	return d, nil
}

// known is word if it is one of the words, else the first of them.
func known(word string, words []string) string {
	if slices.Contains(words, word) {
		return word
	}
	return words[0]
}

// drawingTitle says in words what the drawing of a product shows.
func drawingTitle(p catalog.Product) string {
	weave, tone := known(p.Weave, weaves), known(p.Tone, tones)
	return fmt.Sprintf("Drawing of %s: %s in %s", p.Name, weaveWords[weave], toneWords[tone])
}

var weaveWords = map[string]string{
	"plain": "plain", "herringbone": "with a herringbone pattern", "stripe": "striped",
	"dot": "dotted", "check": "chequered", "ribbed": "ribbed",
}

var toneWords = map[string]string{
	"felt": "felt green", "brass": "brass yellow", "wine": "wine red",
	"ink": "ink grey", "sky": "sky blue", "sand": "sand",
}

// Door is the way into a room: its name and what hangs there.
type Door struct {
	Room  catalog.Room
	Items []hanging
}

// hanging is a drawing with its place in a larger one.
type hanging struct {
	drawing
	X, Y   int
	Scale  float64
	Turned bool // upside down
}

// Rooms are the doors of the front page, in the order in which one walks through the shop.
func (*Home) Rooms() []Door {
	var doors []Door
	for _, room := range catalog.Rooms() {
		doors = append(doors, Door{room, onDisplay[room]})
	}
	return doors
}

func hang(x, y int, scale float64, words ...string) hanging {
	d, err := newDrawing(words...)
	if err != nil {
		panic(err) // a mistake in the table below, found when the program starts
	}
	d.Scene = true
	return hanging{d, x, y, scale, words[0] == "glove" || words[0] == "mitten"}
}

// onDisplay says what hangs in the drawing of each room, which is 480 by 240, with pegs at 80, 240
// and 400.
var onDisplay = map[catalog.Room][]hanging{
	catalog.Hats: {hang(-10, -20, .56, "hat", "plain", "felt"), hang(150, 4, .56, "beanie", "ribbed", "wine"),
		hang(302, -9, .54, "panama", "plain", "sand")},
	catalog.Umbrellas: {hang(-41, -1, .66, "furled", "plain", "wine"), hang(136, 20, .65, "umbrella", "stripe", "sky"),
		hang(279, -1, .66, "furled", "dot", "ink")},
	catalog.Scarves: {hang(-16, 2, .66, "scarf", "check", "wine"), hang(136, -6, .66, "long-scarf", "herringbone", "sand"),
		hang(300, 2, .66, "scarf", "stripe", "felt")},
	catalog.Gloves: {hang(2, 16, .52, "glove", "ribbed", "brass"), hang(162, 16, .52, "mitten", "plain", "ink"),
		hang(322, 16, .52, "glove", "dot", "sky")},
	catalog.Bags: {hang(-22, -12, .64, "bag", "plain", "brass"), hang(138, -14, .64, "tote", "check", "felt"),
		hang(303, -20, .6, "holdall", "herringbone", "wine")},
	catalog.Hooks: {hang(-24, 10, .65, "hook", "plain", "sand"), hang(136, 10, .65, "hook", "plain", "felt"),
		hang(296, 60, .62, "brush", "plain", "brass")},
}
