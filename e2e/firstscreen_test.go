package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// phoneTall is the height of a common phone's window, 360 wide.
const phoneTall = 740

func TestPhonesShowTheGoodsOnTheFirstScreen(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	visitor, customer := newShopper(t, s), newShopper(t, s)
	customer.isSignedInAs(alice)
	for who, v := range map[string]*shopper{"a visitor": visitor, "a customer": customer} {
		v.does(chromedp.EmulateViewport(narrow, phoneTall))
		for _, c := range []struct {
			path, element string
			within        float64
		}{
			{"/products", ".card", phoneTall},
			{"/products?room=hats&in_stock=1&max=50", ".card", phoneTall},
			{"/products?q=umbrella", ".card", phoneTall},
			{"/products/rain-bowler", ".add button", phoneTall},
			{"/products/noon-parasol", ".about .button", phoneTall},
			{"/products/harbour-beanie", ".add button", phoneTall},
			{"/", ".card", 1.5 * phoneTall},
		} {
			v.opens(c.path)
			bottom := ask[float64](v, `e => document.querySelector(e).getBoundingClientRect().bottom + scrollY`, c.element)
			if bottom > c.within {
				t.Errorf("%s on %s sees %s to its end at %.0f, want at most %.0f", who, c.path, c.element, bottom, c.within)
			}
		}
	}
}

func TestTheNextStepStaysInViewOnPhones(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.isSignedInAs(alice)
	for _, slug := range []string{"typist", "harbour-beanie", "brass-hook", "drizzle"} {
		v.puts(slug)
	}
	v.reviews()
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	for path, button := range map[string]string{"/cart": "Go to checkout", "/checkout/review": "Place order for €"} {
		v.opens(path)
		for _, y := range []string{"0", "300"} {
			inView := ask[bool](v, `(name, y) => {
				scrollTo(0, Number(y))
				return [...document.querySelectorAll("a, button")].some(e => {
					const box = e.getBoundingClientRect()
					return e.innerText.startsWith(name) && box.height >= 44 && box.top >= 0 && box.bottom <= innerHeight
				})
			}`, button, y)
			if !inView {
				t.Errorf("%s scrolled to %s shows no button %q", path, y, button)
			}
		}
	}
	v.opens("/checkout/review")
	v.presses("Place order for €")
	v.hasOrdered()
}

func TestAddingFromAListStaysOnThePageAndIsAnnounced(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.opens("/products?room=hats")
	v.adds("Add to cart: Rain Bowler")
	v.isAt("/products")
	v.notices("added", "Rain Bowler is in your cart (1).")
	v.isSignedIn(false, "1")
	v.isTold("Rain Bowler is in your cart (1).")
	v.adds("Add to cart: Rain Bowler")
	v.until("there are two", `() => document.querySelector("[data-cart-count]").dataset.cartCount === "2"`)
	v.presses("Go to your cart")
	v.hasInCart(map[string]int{"HAT-BOWLER": 2})

	without := withoutScripts(t, v.shop)
	without.opens("/products?room=hats")
	without.adds("Add to cart: Rain Bowler")
	without.notices("added", "Rain Bowler is in your cart (1).")
	without.hasInCart(map[string]int{"HAT-BOWLER": 1})
}

func TestANoticeIsAnnouncedAfterThePageHasLoaded(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.puts("typist")
	v.presses("Remove Typist")
	v.isTold("Typist was removed.")
	v.opens("/products?q=hat")
	v.isTold("item")
}

// isTold waits until a screen reader is given that text.
func (v *shopper) isTold(text string) {
	v.t.Helper()
	v.until("that "+text+" is announced",
		fmt.Sprintf(`() => document.getElementById("announcement").textContent.includes(%q)`, text))
}

func TestMinusAndPlusWorkWithoutScripts(t *testing.T) {
	t.Parallel()
	v := withoutScripts(t, openShop(t))
	v.puts("typist")
	v.presses("One more: Typist")
	v.presses("One more: Typist")
	v.hasInCart(map[string]int{"GLO-TYPIST": 3})
	v.presses("One less: Typist")
	v.hasInCart(map[string]int{"GLO-TYPIST": 2})
	v.types("Quantity: Typist", "7")
	v.presses("Update the quantity of Typist")
	v.hasInCart(map[string]int{"GLO-TYPIST": 7})
}
