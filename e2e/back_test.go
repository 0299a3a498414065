package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// settles waits until the page on screen leads nowhere by itself: it has no instant refresh, and if
// it was restored, the shop has said that it still holds, or it has loaded anew.
func settles(ctx context.Context) error {
	const settled = `document.readyState === "complete" && !document.documentElement.ariaBusy && !document.querySelector("meta[http-equiv=refresh]")`
	for {
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](settled))
		if done && err == nil {
			return nil
		}
		select { // an error is one of a page that has just gone
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// goesBack presses the browser's Back button and reports whether there was a page to go back to. It
// returns when the page is on screen and up to date, whether fetched anew or restored.
func (v *shopper) goesBack() bool {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, waitLimit)
	defer cancel()
	history, err := chromedp.Run(ctx, chromedp.NavigationEntries())
	if err != nil {
		v.t.Fatalf("read the history: %v", err)
	}
	if history.CurrentIndex == 0 {
		return false
	}
	entry := history.Entries[history.CurrentIndex-1]
	v.waits("go back to "+entry.URL, chromedp.NavigateToHistoryEntry(entry.ID))
	return true
}

// marks leaves a mark on the page on screen, which is there as long as the browser keeps this very
// page.
func (v *shopper) marks() {
	v.t.Helper()
	ask[bool](v, "() => window.marked = true")
}

func (v *shopper) isMarked() bool {
	v.t.Helper()
	return ask[bool](v, "() => Boolean(window.marked)")
}

// restores reports whether the browser has a back/forward cache, which the headless shell lacks.
func (v *shopper) restores() bool {
	v.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!DOCTYPE html><html lang="en"><title>A page</title><link rel="icon" href="data:,"><p>Some page.`)
	}))
	defer server.Close()
	v.goes(server.URL + "/first")
	v.marks()
	v.goes(server.URL + "/second")
	v.goesBack()
	return v.isMarked()
}

func TestBackToAPageOfStrangersRestoresIt(t *testing.T) {
	t.Parallel()
	v := newShopperWhoGoesBack(t, openShop(t))
	cached := v.restores()
	v.opens("/products")
	v.marks()
	ask[any](v, `() => { document.querySelector(".menu").open = true }`)
	v.opens("/products/typist")
	v.goesBack()
	v.isAt("/products")
	if ask[bool](v, `() => document.querySelector(".menu").open`) {
		t.Error("the menu after Back: got it open, want it closed")
	}
	if v.isMarked() != cached {
		t.Errorf("the page was restored: %v, want %v, because nothing has changed", v.isMarked(), cached)
	}
}

func TestBackAfterPuttingSomethingInTheCartCountsIt(t *testing.T) {
	t.Parallel()
	v := newShopperWhoGoesBack(t, openShop(t))
	v.opens("/")
	v.puts("typist")
	v.goesBack()
	v.isAt("/products/typist")
	v.isSignedIn(false, "1")
	v.sees("You have 1 in your cart")
	v.goesBack()
	v.isAt("/")
	v.isSignedIn(false, "1")

	v.puts("typist")
	v.presses("Remove Typist")
	v.opens("/products/typist")
	v.goesBack()
	v.hasInCart(nil)
	v.goesBack()
	v.isAt("/cart") // as it was before Typist went
	v.hasInCart(nil)
	v.isSignedIn(false, "0")
}

func TestBackAfterSigningInShowsTheCustomer(t *testing.T) {
	t.Parallel()
	v := newShopperWhoGoesBack(t, openShop(t))
	v.opens("/products")
	v.comesIn(alice)
	for v.address() != v.shop.url+"/products" {
		if !v.goesBack() {
			t.Fatal("the page is not in the history")
		}
	}
	v.isSignedIn(true, "0")
}

// The session ends elsewhere, so that no cookie of this browser changes: no rule of its cache
// empties it.
func TestBackAfterTheSessionEndedElsewhereShowsNothingOfTheCustomer(t *testing.T) { // ASVS 14.3.1
	t.Parallel()
	s := openShop(t)
	v := newShopperWhoGoesBack(t, s)
	v.comesIn(alice)
	for _, path := range []string{"/account", "/products/typist"} {
		v.opens(path)
		ask[bool](v, `() => {
			addEventListener("pageshow", () => sessionStorage.setItem("shown",
			    document.body.checkVisibility({visibilityProperty: true})))
			return true
		}`)
		v.opens("/orders")
		s.change(endings[2].sql)
		v.goesBack()
		if ask[string](v, `() => sessionStorage.getItem("shown") ?? ""`) == "true" {
			t.Errorf("the restored %s is visible before the shop is asked", path)
		}
		v.doesNotSee("Alice")
		v.isSignedIn(false, "")
		v.opens("/login")
		v.setsOut()
	}
}

// leavesWhatWasTyped is a customer who fills in the address and goes to another page without
// sending it.
func leavesWhatWasTyped(t *testing.T) (v *shopper, cached bool) {
	t.Helper()
	v = newShopperWhoGoesBack(t, openShop(t))
	cached = v.restores()
	v.puts("typist")
	v.comesIn(alice)
	v.opens("/checkout/address")
	v.fillsInTheAddress()
	v.marks()
	v.opens("/products")
	return v, cached
}

func TestBackToWhatWasTypedKeepsIt(t *testing.T) {
	t.Parallel()
	v, cached := leavesWhatWasTyped(t)
	v.secondTab().opens("/orders") // the other tabs learn how much time is left, and stay in the cache
	v.goesBack()
	v.isAt("/checkout/address")
	v.sees("Alice Ambrose")
	if v.isMarked() != cached {
		t.Errorf("the page is the one that was left: %v, want %v", v.isMarked(), cached)
	}
	if !cached {
		return // the page was fetched anew, without what was typed
	}
	v.holds("Street and house number", "Hutgasse 7 ½")
	v.presses("Continue to delivery")
	v.isAt("/checkout/delivery")
}

func TestBackToWhatWasTypedOnAnEndedSessionKeepsItForTheNextSignIn(t *testing.T) {
	t.Parallel()
	v, cached := leavesWhatWasTyped(t)
	v.shop.change(endings[2].sql)
	v.goesBack()
	v.isAt("/login")
	v.doesNotSee("Alice", "Hutgasse")
	v.notices("ended", endings[2].notice)
	v.setsOut()
	v.isAt("/checkout/address")
	if !cached {
		return // the page was fetched anew, without what was typed
	}
	v.notices("resumed")
	v.holds("Street and house number", "Hutgasse 7 ½")
}
