package e2e

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAPhoneShowsTheSearchAndHasRoomsInAMenuThatNeedsNoScript(t *testing.T) {
	t.Parallel()
	v := withoutScripts(t, openShop(t))
	v.turns(narrow)
	v.opens("/")
	if ask[bool](v, `() => document.querySelector(".menu nav").checkVisibility()`) {
		t.Error("the menu is open before anybody has opened it")
	}
	v.unfolds("Menu")
	v.looks("menu")
	v.turns(narrow)
	v.types("Search the shop", "bowler")
	v.presses("Search")
	v.isAt("/products")
	v.sees("Rain Bowler")
	v.unfolds("Menu")
	v.presses("Gloves")
	v.sees("Typist")
}

func TestActionsAreAsTallAsAThumb(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	v.isSignedInAs(alice)
	v.opens("/products/typist")
	v.adds("Add to cart")
	v.hasActions(".add input[type=number], .add button", `[44,44]`)
	v.reviews()
	v.hasActions(".check > a", `[44,44,44]`)
}

// hasActions checks the heights of what stands at a selector, in CSS pixels.
func (v *shopper) hasActions(selector, want string) {
	v.t.Helper()
	got := ask[string](v, `at => JSON.stringify([...document.querySelectorAll(at)].map(
		e => e.getBoundingClientRect().height))`, selector)
	if got != want {
		v.t.Errorf("the heights of %s: got %s, want %s", selector, got, want)
	}
}

func TestEachLineOfANoticeBeginsBesideItsSign(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	v.puts("typist")
	v.opens("/products/typist")
	lefts := ask[[]float64](v, `() => {
		const text = document.createRange()
		text.selectNode(document.querySelector(".notice > .sign").nextSibling)
		text.setEndAfter(document.querySelector(".notice").lastElementChild)
		return [...text.getClientRects()].map(line => line.left)
	}`)
	if len(lefts) < 3 || slices.Min(lefts) != lefts[0] {
		t.Errorf("the lines begin at %v, want none before the first", lefts)
	}
}

// unfolds presses what opens a part of the page.
func (v *shopper) unfolds(name string) {
	v.t.Helper()
	v.pressed++
	x, y := v.reaches(v.finds(name, "DisclosureTriangle"))
	v.does(chromedp.MouseClickXY(x, y))
}
