package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Three errands on a telephone, by somebody who has never seen the shop. What they press is
// counted, so that no errand gets longer unnoticed.

func TestSomebodyNewBuysAWarmHatInTenPresses(t *testing.T) {
	t.Parallel()
	v := onAPhone(t, openShop(t))
	v.types("Search the shop", "warm hat")
	v.presses("Search")
	v.adds("Add to cart: Harbour Beanie")
	v.presses("Go to your cart")
	v.presses("Go to checkout")
	v.presses("Create an account")
	v.types("Your name", "Ada Ambrose")
	v.types("E-mail address", "ada@example.test")
	v.types("Choose a password", "password")
	v.presses("Create the account")
	v.fillsInTheAddress()
	v.presses("Continue to delivery")
	v.ticks("By post")
	v.presses("Continue to review")
	v.presses("Place order for €")
	v.hasOrdered()
	v.hasPressed(10)
}

func TestSomebodyCancelsAnOrderInFivePresses(t *testing.T) {
	t.Parallel()
	v := onAPhone(t, openShop(t))
	v.isSignedInAs(alice)
	v.puts("harbour-beanie")
	v.reviews()
	v.presses("Place order for €")
	v.hasOrdered()
	v.opens("/")
	v.pressed = 0
	v.unfolds("Menu")
	v.presses("Orders")
	v.presses("HT-")
	v.unfolds("Cancel this order")
	v.presses("Yes, cancel it")
	v.notices("cancelled", "This order was cancelled.")
	v.hasPressed(5)
}

func TestSomebodyComesBackAfterAnHourAndOrdersInFourPresses(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := onAPhone(t, s)
	v.isSignedInAs(alice)
	v.puts("harbour-beanie")
	v.reviews()
	s.change("UPDATE sessions SET last_used = last_used - interval '1 hour' WHERE ended IS NULL")
	v.pressed = 0
	v.opens("/cart")
	v.presses("Sign in to see your cart")
	v.setsOut() // which asks nothing: it knows her
	v.presses("Go to checkout")
	v.isAt("/checkout/review")
	v.presses("Place order for €")
	v.hasOrdered()
	v.hasPressed(4)
}

func onAPhone(t *testing.T, s *shop) *shopper {
	t.Helper()
	v := newShopper(t, s)
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	v.opens("/")
	return v
}

// hasPressed checks how often the shopper has pressed something.
func (v *shopper) hasPressed(want int) {
	v.t.Helper()
	if v.pressed != want {
		v.t.Errorf("the errand took %d presses, want %d", v.pressed, want)
	}
}
