package e2e

import (
	"strings"
	"testing"
	"time"
)

// journey is who goes shopping, for what. What they left in the cart on an earlier visit waits for
// them.
type journey struct {
	person
	room, slug, sku, product string // what they look for, and put in the cart
	before                   string // the SKU of what waits
	beforeSlug               string
}

var (
	forAHat   = journey{alice, "Hats", "market-beret", "HAT-BERET", "Market Beret", "SCA-FOG", "harbour-fog"}
	forAGlove = journey{bob, "Gloves", "typist", "GLO-TYPIST", "Typist", "UMB-DOME", "glasshouse-dome"}
)

// One has a browser with scripts. The other has one without, and with a back/forward cache. A
// thorough run lets both try both.
func TestTwoShoppersAtOnceFromTheFirstLookToTheOrder(t *testing.T) {
	t.Parallel()
	twoShoppersAtOnce(t, forAHat, forAGlove)
	if thorough() {
		twoShoppersAtOnce(t, forAGlove, forAHat)
	}
}

func twoShoppersAtOnce(t *testing.T, scripted, scriptless journey) {
	s := openShop(t)
	t.Run("at once", func(t *testing.T) {
		t.Run(scripted.name+" with scripts", func(t *testing.T) {
			t.Parallel()
			scripted.walk(newShopper(t, s), newShopper(t, s))
		})
		t.Run(scriptless.name+" without scripts", func(t *testing.T) {
			t.Parallel()
			scriptless.walk(newShopperWhoGoesBack(t, s).disablesScripts(), withoutScripts(t, s))
		})
	})
	for sql, want := range map[string]int64{
		"SELECT count(*) FROM orders":                              2,
		"SELECT count(DISTINCT customer_id) FROM orders":           2,
		"SELECT count(*) FROM order_lines":                         4,
		"SELECT count(*) FROM customers":                           2,
		"SELECT count(*) FROM carts WHERE closed IS NULL":          2,
		"SELECT count(*) FROM sessions WHERE ended IS NULL":        4,
		"SELECT count(*) FROM used_attempts":                       6,
		"SELECT stock FROM products WHERE sku = 'HOO-BRASS'":       200 - 2*3,
		"SELECT stock FROM products WHERE sku = 'HAT-BERET'":       25 - 2,
		"SELECT stock::bigint FROM products WHERE sku = 'SCA-FOG'": 41,
	} {
		if got := one[int64](s, sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}

// walk goes all the way: v is the shopper today, earlier the same person in another browser.
func (j journey) walk(v, earlier *shopper) {
	v.t.Helper()
	earlier.comesIn(j.person)
	earlier.puts(j.beforeSlug)

	j.looksAround(v)
	j.fillsTheCart(v)
	j.changesTheCart(v)
	j.signsInFromTheCheckout(v)
	number := j.orders(v)
	j.signsOutAndLeavesNothing(v, number)
	j.findsTheCartAgain(v)
}

func (j journey) looksAround(v *shopper) {
	v.opens("/")
	v.isSignedIn(false, "0")
	v.presses("Everything")
	v.chooses("Room", j.room)
	v.types("To", "50")
	v.ticks("In stock only")
	v.chooses("Sort by", "Price, lowest first")
	v.presses("Apply")
	v.isAt("/products")
	for name, want := range map[string]string{"room": strings.ToLower(j.room), "max": "50", "in_stock": "1",
		"sort": "price"} {
		if got := v.query(name); got != want {
			v.t.Fatalf("the address holds %s=%q, want %q: %s", name, got, want, v.address())
		}
	}
	v.sees(j.product)
	v.doesNotSee("Felt Fedora", "Overnight")
	v.types("Search the shop", j.product)
	v.presses("Search")
	v.presses(j.product)
	v.isAt("/products/" + j.slug)
	if cookies := v.cookies(v.shop.url); len(cookies) > 0 {
		v.t.Fatalf("looking around has set %v", cookies)
	}
}

func (j journey) fillsTheCart(v *shopper) {
	v.types("Quantity", "2")
	v.adds("Add to cart")
	v.notices("added", j.product)
	v.isSignedIn(false, "2")
	v.opens("/cart")
	left := time.Until(time.Unix(int64(v.tag().Expires), 0))
	if left < 29*24*time.Hour || left > 30*24*time.Hour {
		v.t.Fatalf("the anonymous tag lives for %v, want 30 days", left)
	}
	v.sees("We keep this cart for 30 days")
	v.puts("brass-hook")
	v.hasInCart(map[string]int{j.sku: 2, "HOO-BRASS": 1})
}

func (j journey) changesTheCart(v *shopper) {
	v.types("Quantity: Brass Hook", "3")
	v.changes("Update the quantity of Brass Hook")
	v.hasInCart(map[string]int{j.sku: 2, "HOO-BRASS": 3})

	v.presses("Remove " + j.product)
	v.hasInCart(map[string]int{"HOO-BRASS": 3})
	v.notices("removed", j.product+" was removed.")
	v.presses("Undo")
	v.hasInCart(map[string]int{j.sku: 2, "HOO-BRASS": 3})

	v.presses("Save for later: Brass Hook")
	v.hasInCart(map[string]int{j.sku: 2})
	v.hasSaved("HOO-BRASS")
	v.presses("Add to cart: Brass Hook")
	v.hasInCart(map[string]int{j.sku: 2, "HOO-BRASS": 3})
	v.hasSaved()
}

func (j journey) signsInFromTheCheckout(v *shopper) {
	anonymous := v.tag()
	v.presses("Go to checkout")
	v.isAt("/login")
	v.sees("Your cart with 5 items comes along")
	v.signsIn(j.person)
	v.isAt("/checkout/address")
	v.isSignedIn(true, "5")
	v.notices("merged", "There was a cart from your last visit")
	if tag := v.tag(); tag.Value == anonymous.Value || !tag.Session {
		v.t.Fatalf("the tag after signing in is %+v, before it was %+v", tag, anonymous)
	}
	v.presses("Change the cart")
	v.hasInCart(map[string]int{j.sku: 2, "HOO-BRASS": 3})
	v.hasSaved(j.before)
	v.notices("merged", "saved for later, so that your order stays as you saw it")
}

func (j journey) orders(v *shopper) (number string) {
	v.presses("Go to checkout")
	v.fillsInTheAddress()
	v.presses("Continue to delivery")
	v.isAt("/checkout/delivery")
	v.ticks("By post")
	v.presses("Continue to review")
	v.isAt("/checkout/review")
	v.sees("Hutgasse 7 ½", "37073 Göttingen", "Germany", "By post", j.product, "Brass Hook", "Includes 19% VAT")
	v.presses("Place order for €")
	number = v.hasOrdered()
	v.hasInCart(map[string]int{j.sku: 2, "HOO-BRASS": 3})
	v.isSignedIn(true, "0")
	v.presses("All your orders")
	v.isAt("/orders")
	v.sees(number)
	v.presses(number)
	v.isAt("/orders/" + number)
	v.puts("cedar-blocks")
	return number
}

// signsOutAndLeavesNothing goes back through all that was opened while signed in, and some pages
// before. Without scripts only the browser's own rules empty its cache: the session's cookie goes,
// and the answer clears the cache. The page that signs out came of a form, so it is a page after a
// redirect, too (ASVS 14.3.1).
func (j journey) signsOutAndLeavesNothing(v *shopper, number string) {
	v.presses("Sign out")
	v.isAt("/signed-out")
	v.sees("You are signed out")
	if cookies := v.cookies(v.shop.url); len(cookies) > 0 {
		v.t.Fatalf("signing out has left %v", cookies)
	}
	v.presses("Cart 0 items")
	v.sees("Your cart is empty")
	pages := 0
	for pages < 25 && v.goesBack() {
		v.doesNotSee(j.product+" is in your cart", j.name, j.email, number, "Hutgasse", "Sign out")
		pages++
	}
	if pages < 25 {
		v.t.Fatalf("there were only %d pages to go back to", pages)
	}
}

func (j journey) findsTheCartAgain(v *shopper) {
	v.opens("/cart")
	v.presses("sign in")
	v.isAt("/login")
	v.signsIn(j.person)
	v.isAt("/cart")
	v.hasInCart(map[string]int{"CAR-CEDAR": 1})
	v.hasSaved(j.before)
}
