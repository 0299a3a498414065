package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"hookandtag.example/shop/dev/provider/providertest"
)

// person is somebody the development provider knows.
type person struct{ name, email string }

var (
	alice = person{"Alice Ambrose", "alice@example.test"}
	bob   = person{"Bob Bellamy", "bob@example.test"}
)

// puts puts one thing in the cart, from its page.
func (v *shopper) puts(slug string) {
	v.t.Helper()
	v.opens("/products/" + slug)
	v.adds(words(ask[string](v, `() => document.querySelector("main .add button").innerText`))) // or "Add more"
	if !v.scriptless {
		v.presses("Go to your cart")
	}
	v.isAt("/cart")
}

// adds presses a button that puts a product in the cart. With scripts the page stays; without, the
// cart is there.
func (v *shopper) adds(button string) {
	v.t.Helper()
	if v.scriptless {
		v.presses(button)
		v.isAt("/cart")
		return
	}
	v.clicks(button)
	v.until("the product is in the cart", `() => Boolean(document.querySelector(".toast"))`)
}

// changes presses a button of a line of the cart: with scripts the page stays, and its main part is
// replaced.
func (v *shopper) changes(button string) {
	v.t.Helper()
	if v.scriptless {
		v.presses(button)
		return
	}
	ask[any](v, `() => { document.querySelector("main").id = "before" }`)
	v.clicks(button)
	v.until("the cart is changed", `() => !document.querySelector("#before")`)
}

// until waits until a JavaScript function of the page returns true.
func (v *shopper) until(what, condition string) {
	v.t.Helper()
	if !ask[bool](v, fmt.Sprintf(`async () => {
		const enough = %s, end = performance.now() + %d
		while (!enough() && performance.now() < end) await new Promise(done => setTimeout(done, 20))
		return enough()
	}`, condition, waitLimit.Milliseconds())) {
		v.t.Fatalf("%s: %s is still not so:\n%s", v.address(), what, v.text())
	}
}

// setsOut presses the button of the sign-in page that leads to the provider. The header has a link
// of the same name.
func (v *shopper) setsOut() {
	v.t.Helper()
	v.pressed++
	x, y := v.reaches(v.finds("Sign in", "button"))
	v.waits("press Sign in", chromedp.MouseClickXY(x, y))
}

// signsIn presses the button of a page that leads to the provider, and proves there who they are.
func (v *shopper) signsIn(who person) {
	v.t.Helper()
	v.setsOut()
	v.proves(who)
}

// proves fills in the provider's page.
func (v *shopper) proves(who person) {
	v.t.Helper()
	v.isAt(v.shop.issuer + "/login")
	v.types("E-mail address", who.email)
	v.types("Password", "password")
	v.presses("Sign in")
	v.gets(200)
}

// comesIn signs in from the front page.
func (v *shopper) comesIn(who person) {
	v.t.Helper()
	v.opens("/login")
	v.signsIn(who)
	v.isAt("/")
}

// isSignedInAs lets a browser without cookies hold what signing in leaves there,
// without the way through its pages. Where thorough, it goes that way.
func (v *shopper) isSignedInAs(who person) {
	v.t.Helper()
	if thorough() {
		v.comesIn(who)
		return
	}
	other := providertest.NewBrowser(v.t)
	other.UserAgent = ask[string](v, "() => navigator.userAgent")
	page := other.Open(v.shop.url+"/login", "").SubmitTo("/login", nil, "")
	page = page.Submit(url.Values{"email": {who.email}, "password": {"password"}}, "")
	if page.Status != http.StatusOK || page.URL.String() != v.shop.url+"/" {
		v.t.Fatalf("signing in leads to %s, status %d:\n%s", page.URL, page.Status, page.Body)
	}
	for _, address := range []string{v.shop.url, v.shop.issuer} {
		for _, cookie := range other.Cookies(address + "/") {
			call(v, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: address,
				Path: "/", Secure: new(address == v.shop.url), HTTPOnly: new(true), SameSite: network.CookieSameSiteLax})
		}
	}
}

// reviews goes from the cart to the last step of the checkout, signed in already.
func (v *shopper) reviews() {
	v.t.Helper()
	v.opens("/cart")
	v.presses("Go to checkout")
	v.isAt("/checkout/address")
	v.fillsInTheAddress()
	v.presses("Continue to delivery")
	v.ticks("Collect at the cloakroom")
	v.presses("Continue to review")
	v.isAt("/checkout/review")
}

func (v *shopper) fillsInTheAddress() {
	v.t.Helper()
	v.types("Full name", "Ada Ambrose")
	v.types("Street and house number", "Hutgasse 7 ½")
	v.types("Postcode", "37073")
	v.types("Town or city", "Göttingen")
	v.chooses("Country", "Germany")
}

// hasOrdered checks that the page is that of an order just placed and returns its number.
func (v *shopper) hasOrdered() string {
	v.t.Helper()
	v.gets(200)
	v.sees("Thank you. Your order is placed.")
	number := ask[string](v, `() => document.querySelector("[data-order]").dataset.order`)
	v.isAt("/orders/" + number)
	return number
}

// signsOut presses the button every page of a customer has.
func (v *shopper) signsOut() {
	v.t.Helper()
	v.presses("Sign out")
	v.gets(200)
	v.isAt("/signed-out")
}

// cookies are those the browser would send to an address, by name.
func (v *shopper) cookies(address string) map[string]*network.Cookie {
	v.t.Helper()
	found := map[string]*network.Cookie{}
	for _, c := range call(v, network.GetCookies, network.GetCookiesParams{URLs: []string{address + "/"}}).Cookies {
		found[c.Name] = c
	}
	return found
}

// tag is the shopper's tag, which must be the only cookie the shop has set, with all that keeps it
// safe (ASVS 3.3.1 to 3.3.4).
func (v *shopper) tag() *network.Cookie {
	v.t.Helper()
	cookies := v.cookies(v.shop.url)
	tag := cookies["__Host-tag"]
	if tag == nil || len(cookies) != 1 {
		v.t.Fatalf("the shop's cookies are %v, want the tag alone", cookies)
	}
	safe(v, tag)
	return tag
}

func safe(v *shopper, c *network.Cookie) {
	v.t.Helper()
	if !strings.HasPrefix(c.Name, "__Host-") || !c.HTTPOnly || !c.Secure || c.SameSite != network.CookieSameSiteLax ||
		c.Path != "/" || c.Domain != "localhost" {
		v.t.Fatalf("not a safe cookie: %+v", c)
	}
}
