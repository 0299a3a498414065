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

// On a phone the ribbon is one line, whose two parts are large enough to press, and it never
// covers what has the focus.
func TestTheRibbonIsOneLineOnAPhone(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShopWithLessons(t))
	for _, width := range []int64{narrow, narrowest} {
		v.does(chromedp.EmulateViewport(width, phoneTall))
		v.opens("/learn/your-tag")
		if v.has("Start as a stranger") {
			v.presses("Start as a stranger")
		}
		for _, fault := range ask[[]string](v, `() => {
			const faults = [], box = s => document.querySelector(s).getBoundingClientRect()
			if (box(".tag-ribbon").height > 56) faults.push("it is " + box(".tag-ribbon").height + " high")
			for (const part of [".tag-ribbon summary", ".ribbon-lesson"])
				if (box(part).height < 44 || box(part).width < 44) faults.push(part + " is too small to press")
			for (const a of document.querySelectorAll("main a, main button, main summary")) {
				a.focus()
				if (a.getBoundingClientRect().bottom > box(".tag-ribbon").top) faults.push("it covers " + a.textContent)
			}
			return faults
		}`) {
			t.Errorf("%d wide: %s", width, fault)
		}
	}
}

// Nothing of the lessons is cut off or scrolls sideways, with large text neither.
func TestNoLessonIsCutOffAtAnyWidth(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShopWithLessons(t))
	v.measures("/learn", "/learn/why", "/learn/glossary", "/learn/article", "/learn/results", "/learn/your-tag",
		"/learn/prediction")
	v.puts("pocket-squall")
	v.measures("/learn/inspector", "/products/pocket-squall")
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
			const bar = it.closest(".action-bar") // which scrolls with the page in a low window
			if (bar && getComputedStyle(bar).position === "static") continue
			const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
			if (!it.contains(hit)) return String(hit?.outerHTML)
		}
		return ""
	}`, selector); hit != "" {
		v.t.Errorf("%s is covered by %s, want it uncovered", selector, hit)
	}
}
