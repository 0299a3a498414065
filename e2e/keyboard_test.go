package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused is what has the keyboard's focus, and how it shows.
type focused struct {
	Name    string `json:"name"`
	ID      string `json:"id"`
	Nothing bool   `json:"nothing"` // the focus has left the page
	InMain  bool   `json:"inMain"`
	Seen    bool   `json:"seen"`   // it is on the screen and nothing lies over it
	Marked  bool   `json:"marked"` // it has an outline of at least 2 px (WCAG 2.4.7, 2.4.13)
}

const readFocus = `() => {
	const e = document.activeElement
	if (!e || e === document.body || e === document.documentElement) return {nothing: true}
	const box = [...e.getClientRects()].find(r => r.width > 0) ?? e.getBoundingClientRect()
	const hit = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2)
	const style = getComputedStyle(e)
	return {
		name: e.localName + " " + (e.getAttribute("aria-label") || e.name || e.textContent).trim().slice(0, 40), id: e.id,
		inMain: Boolean(e.closest("main")), seen: e.contains(hit) || hit?.closest("label")?.control === e,
		marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
	}
}`

// strikes presses a key and returns what then has the focus.
func (v *shopper) strikes(key string) focused {
	v.t.Helper()
	v.does(chromedp.KeyEvent(key))
	return ask[focused](v, readFocus)
}

func TestTheKeyboardReachesEverythingAndShowsWhereItIs(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.isSignedInAs(alice)
	v.puts("typist")
	for _, path := range []string{"/", "/products?room=hats", "/products/rain-bowler", "/cart", "/checkout/address",
		"/account", "/cookies"} {
		v.opens(path)
		v.walksThrough(path)
	}
}

// walksThrough goes from the page's beginning to its end with the tab key.
func (v *shopper) walksThrough(path string) {
	v.t.Helper()
	tabbable := ask[int](v,
		`() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, [tabindex='0']")]
		.filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility()).length`)
	reached := 0
	for f := v.strikes(kb.Tab); !f.Nothing; f = v.strikes(kb.Tab) {
		if reached++; !f.Seen || !f.Marked {
			v.t.Errorf("%s: %+v has the focus and does not show it", path, f)
		}
		if reached > tabbable {
			break
		}
	}
	if reached != tabbable {
		v.t.Errorf("%s: the keyboard reaches %d of %d things", path, reached, tabbable)
	}
}

func TestTheFirstTabLeadsPastTheHeader(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	for _, path := range []string{"/", "/products", "/products/rain-bowler", "/cart"} {
		v.opens(path)
		if first := v.strikes(kb.Tab); first.Name != "a Skip to the content" || !first.Seen {
			t.Errorf("%s: the first tab leads to %+v", path, first)
		}
		if f := v.strikes(kb.Enter); f.ID != "main" {
			t.Errorf("%s: the skip link leads to %+v", path, f)
		}
		if f := v.strikes(kb.Tab); !f.InMain {
			t.Errorf("%s: after the skip link comes %+v", path, f)
		}
	}
}

func TestAnOrderCanBePlacedWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.isSignedInAs(alice)
	v.opens("/products/typist")
	v.tabsTo("button Add to cart")
	v.does(chromedp.KeyEvent(kb.Enter))
	v.until("the product is in the cart", `() => Boolean(document.querySelector(".toast"))`)
	v.tabsTo("a Go to your cart")
	v.entersWith(kb.Enter)
	v.isAt("/cart")
	v.tabsTo("a Go to checkout")
	v.entersWith(kb.Enter)
	v.isAt("/checkout/address")
	for _, field := range [][2]string{{"name", "Ada Ambrose"}, {"street", "Hutgasse 7"}, {"postcode", "37073"},
		{"city", "Goettingen"}} {
		v.tabsTo("input " + field[0])
		v.strikes(field[1])
	}
	v.entersWith(kb.Enter)
	v.isAt("/checkout/delivery")
	v.tabsTo("input delivery")
	v.strikes(" ")
	v.tabsTo("button Continue to review")
	v.entersWith(kb.Enter)
	v.isAt("/checkout/review")
	v.tabsTo("button Place order for €26.90")
	v.entersWith(" ")
	v.hasOrdered()
}

// tabsTo strikes the tab key until the thing of that name has the focus.
func (v *shopper) tabsTo(name string) {
	v.t.Helper()
	for range 200 {
		if v.strikes(kb.Tab).Name == name {
			return
		}
	}
	v.t.Fatalf("%s: the tab key never reaches %q", v.address(), name)
}

// entersWith strikes a key that leads to another page.
func (v *shopper) entersWith(key string) {
	v.t.Helper()
	v.waits("strike "+key, chromedp.KeyEvent(key))
}
