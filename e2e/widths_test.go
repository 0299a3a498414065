package e2e

import (
	_ "embed"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// measure is a JavaScript function that lays out a page at many widths.
//
//go:embed widths.js
var measure string

// fonts are style sheets that make letters much wider or narrower than those of the machine's own
// font.
var fonts = map[string]string{
	"usual":  "",
	"wide":   `:root { --sans: Verdana, "DejaVu Sans", sans-serif; letter-spacing: .03em }`,
	"narrow": `:root { --sans: "Liberation Sans Narrow", "Arial Narrow", sans-serif; letter-spacing: -.03em }`,
}

// TestNothingIsCutOffAtAnyWidth looks at each page at every width, text size and font (WCAG 1.4.4,
// 1.4.10, 1.4.12): nothing is cut off, nothing scrolls sideways, and the cart is at the top right.
func TestNothingIsCutOffAtAnyWidth(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	visitor, customer := newShopper(t, s), newShopper(t, s)
	customer.isSignedInAs(alice)
	for _, v := range []*shopper{visitor, customer} {
		v.puts("platform-two")
		v.puts("garment-bag")
		v.puts("harbour-beanie")
	}
	customer.reviews()
	customer.presses("Place order for €")
	number := customer.hasOrdered()
	customer.puts("garment-bag")
	s.change("UPDATE products SET stock = 0 WHERE sku = 'HAT-BEANIE'")
	visitor.measures("/", "/products?room=hats&in_stock=1", "/cart", "/cookies", "/login", "/delivery", "/privacy")
	customer.measures("/", "/products/harbour-beanie", "/products/garment-bag", "/cart", "/account", "/account/devices",
		"/orders", "/orders/"+number, "/checkout/address", "/checkout/review")
}

// measures lays out pages at every width.
func (v *shopper) measures(paths ...string) {
	v.t.Helper()
	call(v, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true}) // for the frame, and the fonts' style sheet
	v.turns(1440)
	v.opens("/cookies") // a short page around the frame
	for _, path := range paths {
		html := ask[string](v, `async path => {
			const answer = await fetch(path)
			if (!answer.ok) throw new Error(path + " answers " + answer.status)
			return (await answer.text()).replace(/<script.*?<\/script>/s, "")
		}`, path)
		for text, fonts := range fontsByTextSize() {
			call(v, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: 16 * text / 100}})
			for _, fault := range ask[[]string](v, measure, html, fonts, widths()) {
				v.t.Errorf("%s, text %d %%, %s", path, text, fault)
			}
		}
	}
}

// fontsByTextSize says in which fonts to look at which size of text, in percent of what the browser
// starts with. Unless thorough these are the usual one, and what needs the most room.
func fontsByTextSize() map[int64]map[string]string {
	if !thorough() {
		return map[int64]map[string]string{100: {"usual": fonts["usual"]}, 200: {"wide": fonts["wide"]}}
	}
	return map[int64]map[string]string{100: fonts, 125: fonts, 150: fonts, 200: fonts}
}

// widths are those of windows from the narrowest telephone to a wide screen.
func widths() []int {
	step := 280
	if thorough() {
		step = 16
	}
	var all []int
	for w := narrowest; w <= 1440; w += step {
		all = append(all, w)
	}
	return all
}
