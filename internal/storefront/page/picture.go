package page

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"hookandtag.example/shop/internal/catalog"
)

// Picture returns the drawing of a product as an SVG document that needs no style sheet, for search
// engines and for those who share a link. Its colours are those of the light theme.
func (r *Renderer) Picture(p catalog.Product) ([]byte, error) {
	d, err := newDrawing(p.Silhouette, p.Weave, p.Tone, drawingTitle(p))
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", p.SKU, err)
	}
	var body bytes.Buffer
	if err := r.shared.ExecuteTemplate(&body, "picture", d); err != nil {
		return nil, fmt.Errorf("draw %s: %w", p.SKU, err)
	}
	tone := toneColours[d.Tone]
	deep, wall := tone.mixed(colour{}, 28), tone.mixed(white, 85)
	paint := strings.NewReplacer("TONE", tone.String(), "DEEP", deep.String(), "WALL", wall.String())
	painted := classes.ReplaceAllFunc(body.Bytes(), func(class []byte) []byte {
		return []byte(paint.Replace(paints[string(classes.FindSubmatch(class)[1])]))
	})
	return painted, nil
}

var classes = regexp.MustCompile(`class="([a-z -]+)"`)

// paints says with attributes what the style sheet says of the classes of drawings.
var paints = map[string]string{
	"canvas":         `fill="none"`, // no line: the weaves inherit it
	"picture":        `stroke="#2a251d" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"`,
	"wall":           `fill="WALL" stroke="none"`,
	"hung":           `filter="url(#shade)"`,
	"fill":           `fill="TONE"`,
	"deep":           `fill="DEEP"`,
	"pale":           `fill="#f3d9a0"`,
	"knob":           `fill="#c8922b"`,
	"ribbon":         `fill="#b1485a"`,
	"drop":           `fill="#8db7d6" stroke-width="2"`,
	"glint":          `fill="#fff" fill-opacity=".5" stroke="none"`,
	"seam":           `stroke-width="2" stroke-dasharray="7 7"`,
	"stick":          `stroke-width="15"`,
	"stick-in":       `stroke="#a97c43" stroke-width="9"`,
	"strap-in":       `stroke="#f3d9a0" stroke-width="9"`,
	"rod":            `stroke-width="22"`,
	"rod-in":         `stroke="#c8922b" stroke-width="16"`,
	"wire":           `stroke-width="12"`,
	"wire-in":        `stroke="#c8922b" stroke-width="6"`,
	"light":          `stroke="#fff" stroke-opacity=".5" stroke-width="4"`,
	"light thin":     `stroke="#fff" stroke-opacity=".5" stroke-width="2"`,
	"light broad":    `stroke="#fff" stroke-opacity=".5" stroke-width="9" opacity=".7"`,
	"light-fill":     `fill="#fff" fill-opacity=".5"`,
	"dark":           `stroke="#140e04" stroke-opacity=".34" stroke-width="3"`,
	"weave":          ``,
	"lettering mini": `fill="#2a251d" stroke="none" font-family="Georgia, serif" font-weight="600" font-size="19"`,
}

// colour is red, green and blue.
type colour [3]int

var white = colour{255, 255, 255}

var toneColours = map[string]colour{
	"felt": {0x3d, 0x8a, 0x71}, "brass": {0xdb, 0xa6, 0x3f}, "wine": {0xb1, 0x48, 0x5a},
	"ink": {0x56, 0x50, 0x64}, "sky": {0x8d, 0xb7, 0xd6}, "sand": {0xe4, 0xd0, 0xa8},
}

// mixed returns the colour with so many percent of another in it.
func (c colour) mixed(other colour, percent int) colour {
	for i := range c {
		c[i] = (c[i]*(100-percent) + other[i]*percent) / 100
	}
	return c
}

// String is the colour as CSS and SVG write it.
func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }
