package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// typing is a customer who is filling in the address.
func typing(t *testing.T) (*clock, *shopper) {
	t.Helper()
	v := newShopper(t, openShop(t))
	c := clockOf(v)
	v.isSignedInAs(alice)
	v.puts("typist")
	v.opens("/checkout/address")
	v.fillsInTheAddress()
	return c, v
}

func TestTheWarningAppearsTwoMinutesBeforeAndOneMayStayAsOftenAsOneLikes(t *testing.T) { // WCAG 2.2.1
	t.Parallel()
	c, v := typing(t)
	for range 11 {
		c.passes(27*time.Minute + 40*time.Second)
		v.isWarned(false)
		c.passes(20 * time.Second)
		if w := v.isWarned(true); w.Focused != "Stay signed in" || !strings.Contains(w.Text, "We sign you out in") ||
			strings.Contains(w.Text, "Later") {
			t.Fatalf("the warning is %+v", w)
		}
		v.stays(func() { v.clicks("Stay signed in") })
	}
	v.holds("Full name", "Ada Ambrose")
	v.presses("Continue to delivery")
	v.isAt("/checkout/delivery")
	v.isSignedIn(true, "1")
}

func TestClosingTheWarningMeansStay(t *testing.T) {
	t.Parallel()
	c, v := typing(t)
	for _, closes := range []func(){
		func() { v.does(chromedp.KeyEvent(kb.Escape)) },
		func() { v.clicks("Close and stay signed in") },
		func() { v.does(chromedp.MouseClickXY(20, 20)) }, // the backdrop
	} {
		c.passes(28*time.Minute + 10*time.Second)
		v.isWarned(true)
		v.stays(closes)
	}
	c.passes(28*time.Minute + 10*time.Second)
	v.isWarned(true)
	x, y := v.reaches(v.finds("Are you still there?", "heading"))
	v.does(chromedp.MouseClickXY(x, y))
	if w := v.isWarned(true); w.Failed {
		t.Error("a click on the words does something")
	}
}

func TestTheWarningWorksByKeyboardAndGivesTheFocusBack(t *testing.T) { // WCAG 2.1.1, 2.4.3
	t.Parallel()
	c, v := typing(t)
	v.types("Town or city", "Göttingen-West")
	c.passes(28*time.Minute + 10*time.Second)
	v.isWarned(true)
	for range 4 { // round in the dialog, and into the browser's own bars
		if f := v.strikes(kb.Tab); !f.Nothing && (!f.Seen || !f.Marked || f.InMain) {
			t.Errorf("%+v has the focus", f)
		}
	}
	ask[bool](v, `() => { document.querySelector("#warning .primary:not([hidden])").focus(); return true }`)
	v.stays(func() { v.does(chromedp.KeyEvent(kb.Enter)) })
	if id := ask[string](v, "() => document.activeElement.id"); id != "city" {
		t.Errorf("the focus is at %q, want where it was", id)
	}
	v.holds("Town or city", "Göttingen-West")
}

func TestTheCountdownIsSpokenEveryMinuteAndThenEveryTwentySeconds(t *testing.T) {
	t.Parallel()
	c, v := typing(t)
	c.passes(28*time.Minute + time.Second)
	before := v.isWarned(true)
	if !strings.Contains(before.Said, "1 minute 5") && !strings.Contains(before.Said, "2 minutes") {
		t.Errorf("said at first: %q", before.Said)
	}
	for _, step := range []struct {
		passes time.Duration
		spoken bool
	}{{25 * time.Second, false}, {40 * time.Second, true}, {5 * time.Second, false}, {15 * time.Second, true},
		{20 * time.Second, true}} {
		c.passes(step.passes)
		now := v.awaits("() => true")
		if spoken := now.Said != before.Said; spoken != step.spoken {
			t.Errorf("after %v more: said %q, then %q", step.passes, before.Said, now.Said)
		}
		before = now
	}
}

func TestTabsAreKeptInStep(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	other := v.secondTab()
	c := clockOf(v, other)
	v.isSignedInAs(alice)
	v.opens("/account")
	other.opens("/orders")

	c.passes(20 * time.Minute)
	other.opens("/products") // this is a use, and the first tab hears of it
	c.passes(9 * time.Minute)
	v.isWarned(false)
	c.passes(19*time.Minute + 10*time.Second)
	v.isWarned(true)
	other.isWarned(true)
	other.stays(func() { other.clicks("Stay signed in") })
	v.isWarned(false)

}

func TestSigningOutInOneTabTakesTheOthersAlong(t *testing.T) {
	t.Parallel()
	for name, unheard := range map[string]string{"heard from the button": "m.out && !m.after",
		"heard from the page": "m.after"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newShopper(t, openShop(t))
			other := v.secondTab()
			other.runsFirst(`(post => BroadcastChannel.prototype.postMessage = function(m) { if (!(` + unheard +
				`)) post.call(this, m) })(BroadcastChannel.prototype.postMessage)`)
			v.isSignedInAs(alice)
			v.opens("/account")
			other.opens("/orders")
			v.isTakenAlong("the other tab signs out", other.signsOut)
			v.isAt("/signed-out")
			v.isSignedIn(false, "0")
			v.doesNotSee("Alice")
		})
	}
}

func TestATabThatFindsItselfSignedOutTakesTheOthersAlong(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	other := v.secondTab()
	v.isSignedInAs(alice)
	v.opens("/account")
	other.opens("/orders")
	s.change(endings[2].sql) // from another device
	v.isTakenAlong("the other tab goes on", func() { other.opens("/products") })
	v.isAt("/login")
	v.notices("ended", endings[2].notice)
}

func TestWhenTimeIsOverThePageSaysWhyAndComesBack(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	c := clockOf(v)
	v.isSignedInAs(alice)
	v.opens("/account")
	c.passes(29 * time.Minute)
	v.isWarned(true)
	v.isTakenAlong("time is over", func() { c.passes(62 * time.Second) })
	v.isAt("/login")
	v.notices("ended", "We signed you out because you had not used the shop for 30 minutes.")
	v.setsOut()
	v.isAt("/account")
}

func TestWhenTimeIsOverWhatWasTypedIsKept(t *testing.T) { // WCAG 2.2.5
	t.Parallel()
	c, v := typing(t)
	v.isTakenAlong("time is over", func() { c.passes(31 * time.Minute) })
	v.isAt("/login")
	v.notices("ended")
	v.setsOut()
	v.isAt("/checkout/address")
	v.notices("resumed")
	v.holds("Street and house number", "Hutgasse 7 ½")
	// it lives for half an hour
	call(v, network.DeleteCookies, network.DeleteCookiesParams{Name: "__Host-pending", URL: v.shop.url + "/"})
	v.isTakenAlong("time is over once more, and nothing was touched", func() { c.passes(31 * time.Minute) })
	v.setsOut()
	v.isAt("/checkout/address")
	v.holds("Street and house number", "Hutgasse 7 ½")
}

func TestAPageLeftAloneKeepsNobodySignedIn(t *testing.T) { // ASVS 7.3.1
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.runsFirst("delete window.BroadcastChannel") // so that it hears of nothing
	other := v.secondTab()
	c := clockOf(v, other)
	v.isSignedInAs(alice)
	v.opens("/account")
	c.passes(20 * time.Minute)
	other.opens("/orders")
	v.hears(func() { c.passes(10*time.Minute + 2*time.Second) })
	v.isWarned(false) // 20 minutes are left
	v.isAt("/account")
	if ago := s.recorded(); ago < 600 {
		t.Errorf("the last use is %.0f s ago: asking what is left was one", ago)
	}
	other.isTakenAlong("time is over", func() {
		v.isTakenAlong("time is over", func() { c.passes(20*time.Minute + 2*time.Second) })
	})
	v.isAt("/login")
	other.isAt("/login")
}

func TestTheEndThatCannotBePutOffIsToldWithAWayToSignInNow(t *testing.T) {
	t.Parallel()
	c, v := typing(t)
	c.limits("1 hour", "1 hour")
	c.passes(58*time.Minute + 20*time.Second)
	w := v.isWarned(true)
	for _, part := range []string{"Please sign in again soon", "whatever you do", "every 60 minutes", "cart is kept"} {
		if !strings.Contains(w.Text, part) {
			t.Errorf("the warning says %q, not %q", w.Text, part)
		}
	}
	v.clicks("Later")
	v.isWarned(false)
	c.passes(10 * time.Second)
	v.isWarned(false) // once is enough

	v.types("Town or city", "Kassel")
	v.opens("/checkout/address")
	v.isWarned(true) // on this page too, but not in the way
	v.looks("warning-late")
	v.fillsInTheAddress()
	v.isTakenAlong("time is over", func() { c.passes(2 * time.Minute) })
	v.isAt("/login")
	v.notices("ended", "since you last signed in")
	v.setsOut()
	v.holds("Town or city", "Göttingen")
}

func TestSigningInAgainNowKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	c, v := typing(t)
	c.limits("1 hour", "1 hour")
	c.passes(58*time.Minute + 20*time.Second)
	v.isWarned(true)
	v.presses("Sign in again now")
	v.isAt("/login")
	v.sees("Confirm it's you")
	v.presses("Continue")
	v.proves(alice)
	v.isAt("/checkout/address")
	v.holds("Street and house number", "Hutgasse 7 ½")
	v.holds("Town or city", "Göttingen")
	c.passes(20 * time.Minute)
	v.isWarned(false)
}

func TestAShortLimitWarnsTwentySecondsBefore(t *testing.T) {
	t.Parallel()
	c, v := typing(t)
	c.limits("30 seconds", "24 hours")
	v.isWarned(false)
	c.passes(11 * time.Second)
	v.isWarned(true)
	v.stays(func() { v.clicks("Stay signed in") })
}

func TestTheWarningSaysWhenTheShopDoesNotAnswer(t *testing.T) {
	t.Parallel()
	c, v := typing(t)
	c.passes(28*time.Minute + 10*time.Second)
	v.isWarned(true)
	ask[bool](v, `() => { const real = fetch; window.fetch = () => { window.fetch = real; return Promise.reject(new TypeError("away")) }; return true }`)
	v.clicks("Stay signed in")
	v.awaits("w => w.open && w.failed")
	v.sees("The shop did not answer. Please try again.")
	v.stays(func() { v.clicks("Stay signed in") })
	v.holds("Full name", "Ada Ambrose")
}
