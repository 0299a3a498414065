package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// What one tab does to the session, another tab's ribbon shows once it is looked at again.
func TestTheRibbonOfAnotherTabFollows(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShopWithLessons(t))
	v.opens("/products")
	other := v.secondTab()
	other.opens("/products/pocket-squall")
	other.adds("Add to cart")
	if ref := ask[string](v, `() => document.querySelector(".tag-ribbon").dataset.ref`); ref != "" {
		t.Errorf("before it is looked at the tab shows the tag %s, so this test proves nothing", ref)
	}
	ask[bool](v, `() => dispatchEvent(new Event("focus"))`)
	v.until("the ribbon shows the new tag", `() => document.querySelector(".tag-ribbon").dataset.ref !== "" &&
		document.querySelector(".ribbon-now").textContent.startsWith("New tag, new row")`)
}

// The ribbon stays at the foot of the window, and so do the next step of a page and what has just
// been added.
func TestTheRibbonCoversNothingAndNothingCoversIt(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int64{{narrow, phoneTall}, {800, 600}, {640, 360}} {
		v := newShopper(t, openShopWithLessons(t))
		v.does(chromedp.EmulateViewport(size[0], size[1]))
		v.opens("/products/pocket-squall")
		v.adds("Add to cart")
		v.isUncovered(".toast a")
		v.isUncovered(".ribbon-now")
		v.opens("/cart")
		v.isUncovered(".action-bar .primary")
		v.isUncovered(".ribbon-now")
	}
}

// isUncovered checks that a press on the middle of an element that stays in view hits it, wherever
// the page is scrolled to.
func (v *shopper) isUncovered(selector string) {
	v.t.Helper()
	if hit := ask[string](v, `selector => {
		const it = document.querySelector(selector)
		for (const y of [0, document.body.scrollHeight / 2, document.body.scrollHeight]) {
			scrollTo({top: y, behavior: "instant"})
			const box = it.getBoundingClientRect()
			if (box.bottom <= 0) continue // where the page has ended, it may have gone with it
			const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
			if (!it.contains(hit)) return String(hit?.outerHTML)
		}
		return ""
	}`, selector); hit != "" {
		v.t.Errorf("%s is covered by %s, want it uncovered", selector, hit)
	}
}
