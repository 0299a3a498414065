package e2e

import (
	"context"
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

// unfolds presses what opens a part of the page.
func (v *shopper) unfolds(name string) {
	v.t.Helper()
	v.pressed++
	x, y := v.reaches(v.finds(name, "DisclosureTriangle"))
	ctx, cancel := context.WithTimeout(v.ctx, waitLimit)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.MouseClickXY(x, y)); err != nil {
		v.t.Fatalf("unfold %s: %v", name, err)
	}
}
