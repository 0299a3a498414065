package e2e

import "testing"

func TestACartFromBeforeJoinsItemByItemAndCanBeUndone(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	earlier, v := newShopper(t, s), newShopper(t, s)
	earlier.isSignedInAs(alice)
	earlier.puts("harbour-fog")
	earlier.puts("brass-hook")
	earlier.puts("brass-hook")

	v.puts("typist")
	v.puts("brass-hook")
	v.comesIn(alice)
	v.notices("merged", "2 items changed")
	v.presses("Cart 4 items")
	v.hasInCart(map[string]int{"GLO-TYPIST": 1, "HOO-BRASS": 2, "SCA-FOG": 1})
	v.notices("merged", "Harbour Fog: 1 added", "Brass Hook: now 2, as you had in your cart before")

	v.presses("Undo and keep only this cart")
	v.hasInCart(map[string]int{"GLO-TYPIST": 1, "HOO-BRASS": 1})
	v.hasSaved("SCA-FOG")
	earlier.opens("/cart")
	earlier.hasInCart(map[string]int{"GLO-TYPIST": 1, "HOO-BRASS": 1})
}

func TestANumberThatWasTypedIsOrderedWithoutUpdate(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.isSignedInAs(alice)
	v.puts("typist")
	v.puts("brass-hook")
	v.types("Quantity: Typist", "2")
	v.types("Quantity: Brass Hook", "99")
	v.presses("Go to checkout")
	v.isAt("/cart/lines/HOO-BRASS")
	v.sees("You can order up to")
	v.types("Quantity: Brass Hook", "3")
	v.presses("Go to checkout")
	v.isAt("/checkout/address")
	v.presses("Cart 5 items")
	v.hasInCart(map[string]int{"GLO-TYPIST": 2, "HOO-BRASS": 3})
}

func TestBackPassesOverARefusedFormWithoutAQuestion(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.isSignedInAs(alice)
	v.puts("typist")
	v.presses("Go to checkout")
	v.types("Full name", "Ann Typed")
	v.presses("Continue to delivery")
	v.sees("There is something to correct")
	v.opens("/products")
	v.goesBack()
	v.isAt("/checkout/address")
	v.holds("Full name", "Ann Typed")
}

func TestALineThatSoldOutStaysAndBlocksTheCheckoutUntilItIsGone(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.puts("brass-hook")
	v.puts("typist")
	s.change("UPDATE products SET stock = 0 WHERE sku = 'GLO-TYPIST'")
	v.reloads()
	v.hasInCart(map[string]int{"GLO-TYPIST": 1, "HOO-BRASS": 1})
	v.notices("sold-out", "Sold out, so it is not in your total.")
	v.sees("Typist is sold out. Remove it or save it for later to check out.", "Total by post €17.40")
	if v.has("Go to checkout") {
		t.Error("the checkout is open")
	}
	v.presses("Save for later: Typist")
	v.hasSaved("GLO-TYPIST")
	v.presses("Go to checkout")
	v.isAt("/login")
}

func TestAChangedPriceIsTold(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.puts("typist")
	s.change("UPDATE products SET price = 1950 WHERE sku = 'GLO-TYPIST'")
	v.reloads()
	v.notices("price-changed", "it was €22.00, now it is €19.50")
	v.sees("€19.50 each")
}

func TestMoreThanThereIsIsRefusedWithTheNumberThatIsLeft(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.opens("/products/valet-stand")
	v.types("Quantity", "4")
	v.presses("Add to cart")
	v.gets(422)
	v.notices("capped", "3")
	v.holds("Quantity", "4")
	v.sees("Error:")
	v.types("Quantity", "3")
	v.adds("Add to cart")
	v.opens("/cart")
	v.hasInCart(map[string]int{"HOO-VALET": 3})

	v.types("Quantity: Valet Stand", "9")
	v.presses("Update the quantity of Valet Stand")
	v.gets(422)
	v.notices("capped", "3")
	v.hasInCart(map[string]int{"HOO-VALET": 3})
}

func TestForgettingTheCartLeavesNothingInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.puts("typist")
	v.unfolds("Empty and forget this cart")
	v.presses("Yes, forget it")
	v.notices("forgotten")
	v.hasInCart(nil)
	v.opens("/")
	v.isSignedIn(false, "0")
	if held := v.cookies(s.url); len(held) > 0 {
		t.Errorf("the browser still has %v", held)
	}
}

// Without a tag, two concurrent requests would begin two sessions, and the browser keeps one.
func TestTwoFirstProductsAddedAtOnceAreBothInTheCart(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.opens("/products")
	ask[bool](v, `async () => {
		const tag = document.querySelector("[data-cart-count]")
		const both = new Promise(done => new MutationObserver(() => {
			if (tag.dataset.cartCount === "2" || ++tag.changes > 1) done(true)
		}).observe(tag, {attributeFilter: ["data-cart-count"]}))
		tag.changes = 0
		for (const form of [...document.querySelectorAll("form[data-add]")].slice(0, 2)) form.requestSubmit()
		return both
	}`)
	v.opens("/cart")
	v.isSignedIn(false, "2")
}
