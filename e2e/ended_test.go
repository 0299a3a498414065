package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/network"
)

// endings are the ways in which a session ends by itself, each brought about in the database, and
// the notice that the shopper reads.
var endings = []struct{ name, sql, notice string }{
	{"idle", "UPDATE sessions SET last_used = last_used - interval '32 minutes' WHERE customer_id IS NOT NULL AND ended " +
		"IS NULL",
		"We signed you out because you had not used the shop for 30 minutes."},
	{"absolute", "UPDATE sessions SET auth_time = now() - interval '24 hours 2 minutes', " +
		"absolute_end = now() - interval '2 minutes' WHERE customer_id IS NOT NULL AND ended IS NULL",
		"24 hours had passed since you last signed in"},
	{"revoked", "UPDATE sessions SET ended = now() - interval '2 minutes', ended_reason = 'revoked', data = '{}', " +
		"id_token = NULL WHERE customer_id IS NOT NULL AND ended IS NULL",
		"You were signed out here from another of your devices, or by the shop."},
	{"back channel", "UPDATE sessions SET ended = now() - interval '2 minutes', ended_reason = 'back_channel', data = " +
		"'{}', id_token = NULL WHERE customer_id IS NOT NULL AND ended IS NULL",
		"You were signed out here because you signed out at the sign-in service."},
}

func TestBeingSignedOutWhileTypingLosesNothing(t *testing.T) {
	t.Parallel()
	for i, ending := range endings {
		if !thorough() && i%2 != 0 {
			continue // the reason changes one sentence; the private page below shows those of the others
		}
		t.Run(ending.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			v := newShopper(t, s)
			v.typesWhenTheSessionEnds(ending.sql)
			v.isAt("/login")
			v.notices("ended", ending.notice, "Your cart is saved, and so is anything you typed at the checkout.")
			v.setsOut() // which still knows her
			v.isAt("/checkout/address")
			v.notices("resumed")
			v.holds("Full name", "Ada Ambrose")
			v.holds("Street and house number", "Hutgasse 7 ½")
			v.holds("Postcode", "37073")
			v.holds("Town or city", "Göttingen")
			v.presses("Continue to delivery")
			v.isAt("/checkout/delivery")
			v.isSignedIn(true, "1")
			v.tag() // alone: what was kept of the form is gone
		})
	}
}

// typesWhenTheSessionEnds fills in the address, is signed out by the sql, and sends the form all
// the same.
func (v *shopper) typesWhenTheSessionEnds(sql string) {
	v.t.Helper()
	v.puts("typist")
	v.presses("Go to checkout")
	v.signsIn(alice)
	v.isAt("/checkout/address")
	v.fillsInTheAddress()
	v.shop.change(sql)
	v.presses("Continue to delivery")
}

// Another tab reports that the session is over while the customer's form is being sent.
func TestAFormThatIsOnItsWayIsNotSentAgain(t *testing.T) {
	t.Parallel()
	_, v := typing(t)
	v.shop.change(endings[0].sql)
	v.isTakenAlong("the form is sent, and another tab reports the end", func() {
		ask[bool](v, `() => {
			window.fetch = async () => new Response('{"signed_in": false, "ended": "idle"}', {status: 401})
			HTMLFormElement.prototype.submit = () => sessionStorage.setItem("again", "1")
			document.querySelector("form[data-pending-form]").requestSubmit()
			return new BroadcastChannel("shop").postMessage({out: false}) === undefined
		}`)
	})
	v.isAt("/login")
	if ask[bool](v, `() => sessionStorage.getItem("again") !== null`) {
		t.Error("the page sent the form again, want the customer's own press only")
	}
	v.setsOut()
	v.isAt("/checkout/address")
	v.holds("Street and house number", "Hutgasse 7 ½")
}

func TestWhatWasTypedIsShownToNobodyElse(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.typesWhenTheSessionEnds(endings[0].sql)
	// somebody else sits down
	call(v, network.DeleteCookies, network.DeleteCookiesParams{Name: "provider", URL: s.issuer + "/"})
	v.signsIn(bob)
	v.doesNotSee("Ada Ambrose", "Hutgasse", "Göttingen")
	v.puts("brass-hook")
	v.opens("/checkout/address")
	v.doesNotSee("Ada Ambrose", "Hutgasse", "Göttingen")
	if held := v.cookies(s.url); len(held) != 1 {
		t.Errorf("what Alice typed is still in the browser: %v", held)
	}
}

func TestAPrivatePageSaysWhyItAsksToSignInAgainAndComesBack(t *testing.T) {
	t.Parallel()
	for i, ending := range endings {
		if !thorough() && i%2 == 0 {
			continue // a form above shows the reason
		}
		t.Run(ending.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			v := newShopper(t, s)
			v.isSignedInAs(alice)
			s.change(ending.sql)
			v.opens("/orders")
			v.isAt("/login")
			v.isSignedIn(false, "")
			v.notices("ended", ending.notice)
			if held := v.cookies(s.url); len(held) != 0 {
				t.Errorf("the page that says why leaves %v in the browser", held)
			}
			v.setsOut()
			v.isAt("/orders")
			v.sees("You have not ordered anything yet.")
		})
	}
}

func TestTheCartOfSomebodySignedOutIsWaitingAndNotEmpty(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.isSignedInAs(alice)
	v.puts("typist")
	s.change(endings[0].sql)
	v.presses("Cart 1 item")
	v.notices("ended", "Your things still hang on their hook.")
	v.doesNotSee("Your cart is empty")
	v.presses("Sign in to see your cart")
	v.setsOut()
	v.isAt("/cart")
	v.hasInCart(map[string]int{"GLO-TYPIST": 1})
}

// typesANumber opens a shop for a customer who has typed 2 in the cart and not pressed Update.
func typesANumber(t *testing.T) (*shop, *shopper) {
	t.Helper()
	s := openShop(t)
	v := newShopper(t, s)
	v.isSignedInAs(alice)
	v.puts("typist")
	v.types("Quantity: Typist", "2")
	return s, v
}

// The script sends the number before it goes to the checkout, and so it meets the sign-in first.
func TestANumberThatWasTypedIsKeptForTheCustomer(t *testing.T) {
	t.Parallel()
	s, v := typesANumber(t)
	s.change(endings[0].sql)
	v.presses("Go to checkout")
	v.isAt("/login")
	v.notices("ended", endings[0].notice)
	v.setsOut()
	v.isAt("/resume")
	v.presses("Yes, do it")
	v.hasInCart(map[string]int{"GLO-TYPIST": 2})
}

// Another tab has removed the line.
func TestANumberForALineThatIsGoneIsExplained(t *testing.T) {
	t.Parallel()
	s, v := typesANumber(t)
	s.change(`UPDATE carts SET products = '{}', quantities = '{}', prices = '{}', added = '{}'`)
	v.presses("Go to checkout")
	v.isAt("/cart")
	v.notices("late", "no longer in your cart")
}
