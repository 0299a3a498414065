package e2e

import "testing"

func TestACartFromBeforeJoinsItemByItemAndCanBeUndone(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	earlier, v := newShopper(t, s), newShopper(t, s)
	earlier.comesIn(alice)
	earlier.puts("harbour-fog")
	earlier.puts("brass-hook")
	earlier.puts("brass-hook")

	v.puts("typist")
	v.puts("brass-hook")
	v.comesIn(alice)
	v.notices("merged", "2 things changed")
	v.presses("Cart 4 things")
	v.hasInCart(map[string]int{"GLO-TYPIST": 1, "HOO-BRASS": 2, "SCA-FOG": 1})
	v.notices("merged", "Harbour Fog: 1 piece added from it.", "Brass Hook: 2 instead of 1, because it held more.")

	v.presses("Undo: only what I had before signing in")
	v.hasInCart(map[string]int{"GLO-TYPIST": 1, "HOO-BRASS": 1})
	v.hasSaved("SCA-FOG")
	earlier.opens("/cart")
	earlier.hasInCart(map[string]int{"GLO-TYPIST": 1, "HOO-BRASS": 1})
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
	v.notices("sold-out", "Sold out. It costs nothing here")
	v.sees("Before you can order: Typist is not in stock as wanted.", "Total by post €17.40")
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
	v.types("How many", "4")
	v.presses("Put in the cart")
	v.gets(422)
	v.notices("capped", "3")
	v.holds("How many", "4")
	v.sees("Error:")
	v.types("How many", "3")
	v.presses("Put in the cart")
	v.hasInCart(map[string]int{"HOO-VALET": 3})

	v.types("How many: Valet Stand", "9")
	v.presses("Set the number of Valet Stand")
	v.gets(422)
	v.notices("capped", "3")
	v.hasInCart(map[string]int{"HOO-VALET": 3})
}

func TestForgettingTheCartLeavesNothingInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.puts("typist")
	v.presses("Forget this cart")
	v.hasInCart(nil)
	v.opens("/")
	v.isSignedIn(false, "0")
	if held := v.cookies(s.url); len(held) > 0 {
		t.Errorf("the browser still has %v", held)
	}
}
