package e2e

import "testing"

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
