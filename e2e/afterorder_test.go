package e2e

import "testing"

func TestPagesOfInformation(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	for _, name := range []string{"delivery", "contact", "privacy", "accessibility", "imprint"} {
		v.opens("/" + name)
		v.looks(name)
	}
}

func TestACustomerChangesTheirMindAndOrdersAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.isSignedInAs(alice)
	v.puts("felt-fedora") // the last one
	v.puts("typist")
	v.reviews()
	v.presses("Place order for €")
	number := v.hasOrdered()
	v.unfolds("Cancel this order")
	v.looks("order-cancel")
	v.presses("Yes, cancel it")
	v.isAt("/orders/" + number)
	v.notices("cancelled", "This order was cancelled.")
	v.looks("order-cancelled")
	if left := one[int](s, "SELECT stock FROM products WHERE sku = 'HAT-FEDORA'"); left != 1 {
		t.Errorf("%d fedoras are left, want the one that came back", left)
	}

	s.change("UPDATE products SET stock = 0 WHERE sku = 'GLO-TYPIST'")
	v.presses("Order again")
	v.isAt("/cart")
	v.notices("capped", "Not available at the moment: 1 × Typist.")
	v.hasInCart(map[string]int{"HAT-FEDORA": 1})
	v.looks("cart-again")
	v.presses("Go to checkout")
	v.isAt("/checkout/review") // address and delivery are known
	v.presses("Place order for €")
	v.hasOrdered()
}

func TestACartThatCannotBeOrderedGoesOnInOnePress(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := withoutScripts(t, s)
	v.isSignedInAs(alice)
	v.puts("typist")
	v.puts("brass-hook")
	s.change("UPDATE products SET stock = 0 WHERE sku = 'GLO-TYPIST'")
	v.opens("/cart")
	v.sees("Typist is sold out.")
	v.looks("cart-blocked")
	v.presses("Save it for later and continue")
	v.isAt("/checkout/address")
	v.opens("/cart")
	v.hasInCart(map[string]int{"HOO-BRASS": 1})
	v.hasSaved("GLO-TYPIST")
}
