package catalog

import (
	"slices"
	"strings"
)

// Colour is a colour by the word shoppers use for it.
type Colour string

// Colours lists the colours of the shop in the order of the rainbow, then those outside it.
func Colours() []Colour { return slices.Clone(allColours) }

var allColours = []Colour{"red", "yellow", "green", "blue", "beige", "grey"}

func (Colour) all() []Colour { return allColours }

// Name is the colour as a form offers it.
func (c Colour) Name() string { return capital(string(c)) }

// colourOf are the colours by the tone of a drawing.
var colourOf = map[string]Colour{
	"wine": "red", "brass": "yellow", "felt": "green", "sky": "blue", "sand": "beige", "ink": "grey",
}

// Colour returns the product's main colour, or "" for a tone that has none.
func (p Product) Colour() Colour { return colourOf[p.Tone] }

// Material is a kind of material by the word shoppers use for it.
type Material string

// Materials lists the kinds of materials in the shop, by name.
func Materials() []Material { return slices.Clone(allMaterials) }

var allMaterials = []Material{"cotton", "felt", "leather", "metal", "silk", "straw", "synthetic", "wood", "wool"}

func (Material) all() []Material { return allMaterials }

// Name is the material as a form offers it.
func (m Material) Name() string { return capital(string(m)) }

// materialOf are the kinds by the words that product texts use.
var materialOf = map[string]Material{
	"cotton": "cotton", "canvas": "cotton",
	"felt":    "felt",
	"leather": "leather", "goatskin": "leather", "suede": "leather",
	"brass": "metal", "steel": "metal",
	"silk":      "silk",
	"straw":     "straw",
	"polyester": "synthetic", "poe": "synthetic",
	"wood": "wood", "oak": "wood", "cedar": "wood", "beech": "wood", "chestnut": "wood", "bamboo": "wood",
	"wool": "wool", "merino": "wool", "lambswool": "wool", "cashmere": "wool", "tweed": "wool",
}

// Materials returns the kinds that the product is made of.
func (p Product) Materials() Set[Material] {
	var kinds []Material
	for _, word := range split(Fold(p.Material)) {
		kinds = append(kinds, materialOf[word])
	}
	return SetOf(kinds...)
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
