package e2e

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// What the pages do beyond what they do without scripts, or must not do.

func TestMinusAndPlusChangeTheLineWhereItIs(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	v.puts("brass-hook")
	v.puts("typist")
	top := `() => Math.round(document.querySelector("[data-sku=GLO-TYPIST]").getBoundingClientRect().top)`
	ask[any](v, `() => scrollTo(0, 150)`)
	before := ask[int](v, top)
	v.changes("One more: Typist")
	v.changes("One more: Typist")
	v.hasInCart(map[string]int{"GLO-TYPIST": 3, "HOO-BRASS": 1})
	v.isTold("Your cart (4 items)")
	if after := ask[int](v, top); after != before {
		t.Errorf("the line's place on the screen: got %d, want %d as before", after, before)
	}
	focus := ask[string](v, `() => document.activeElement.tagName + " " + document.activeElement.innerText`)
	if !strings.HasPrefix(focus, "BUTTON") || !strings.Contains(focus, "One more: Typist") {
		t.Errorf("the focus: got it on %.60q, want the button that was pressed", focus)
	}
}

func TestAMessageThatGoesLeavesPlusWhereItIs(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	for _, slug := range []string{"brass-hook", "typist", "harbour-beanie"} {
		v.puts(slug)
	}
	v.opens("/cart")
	v.presses("Remove Brass Hook")
	for _, scroll := range []string{"0", "200"} {
		v.notices("removed", "Brass Hook")
		ask[any](v, `y => scrollTo(0, Number(y))`, scroll)
		x, y := v.reaches(v.finds("One more: Typist", "button"))
		v.changes("One more: Typist")
		nextX, nextY := v.reaches(v.finds("One more: Typist", "button"))
		if math.Hypot(nextX-x, nextY-y) > 1 {
			t.Errorf("scrolled to %s, plus is at %.0f, %.0f, want %.0f, %.0f as before", scroll, nextX, nextY, x, y)
		}
		v.presses("Remove Harbour Beanie")
		v.presses("Undo")
		v.puts("brass-hook")
		v.opens("/cart")
		v.presses("Remove Brass Hook")
	}
}

func TestEveryTapOnPlusCounts(t *testing.T) { // those that come before the shop has answered, too
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.puts("typist")
	v.opens("/cart")
	ask[any](v, `() => {
		const plus = [...document.querySelectorAll(".step button")].find(b => b.innerText.includes("One more: Typist"))
		for (let n = 0; n < 3; n++) plus.click()
	}`)
	v.until("there are four", `() => document.querySelector("[data-sku=GLO-TYPIST]").dataset.quantity === "4"`)
	v.hasInCart(map[string]int{"GLO-TYPIST": 4})
}

func TestARefusalGoesOnceTheNumberIsPutRight(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.opens("/products/typist")
	v.types("Quantity", "0")
	v.presses("Add to cart")
	v.gets(422)
	v.types("Quantity", "1")
	v.adds("Add to cart")
	if wrong := ask[int](v, `() => document.querySelectorAll("main .error, main [aria-invalid]").length`); wrong != 0 {
		t.Errorf("%d errors are shown beside the success, want none", wrong)
	}
	if title := ask[string](v, `() => document.title`); strings.HasPrefix(title, "Error") {
		t.Errorf("got title %q beside the success, want the product's", title)
	}
}

func TestTheFiltersOpenDownwardsWhereverThePageIs(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	v.opens("/products")
	top := `() => Math.round(document.querySelector(".filters").getBoundingClientRect().top)`
	ask[any](v, `() => scrollTo(0, document.querySelector(".filters").getBoundingClientRect().top + 20)`)
	before := ask[int](v, top)
	ask[any](v, `async () => {
		document.querySelector(".filters").open = true
		for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame)
	}`)
	if after := ask[int](v, top); after != before {
		t.Errorf("the top of the opened filters: got %d, want %d as before", after, before)
	}
}

func TestADoubleClickAddsOne(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.opens("/products/typist")
	x, y := v.reaches(v.finds("Add to cart", "button"))
	added := `() => Boolean(document.querySelector(".toast"))`
	v.does(chromedp.MouseClickXY(x, y))
	v.until("the product is in the cart", added)
	v.does(chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
	v.opens("/cart")
	v.hasInCart(map[string]int{"GLO-TYPIST": 1})
}

// The shop has done what it was asked, but the page that says so does not come.
func TestAPressThatMayHaveCountedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for what, answer := range map[string]string{
		"the line breaks":         `(() => { throw new TypeError("no line") })()`,
		"the shop breaks":         `new Response("", {status: 503})`,
		"the cart does not come":  `Object.defineProperty(new Response("", {status: 503}), "redirected", {value: true})`,
		"the answer is cut short": `new Response(new ReadableStream({pull: c => c.error()}))`,
	} {
		v := newShopper(t, s)
		loses := func() {
			v.t.Helper()
			ask[any](v, fmt.Sprintf(`() => {
				const real = fetch
				window.fetch = async (...request) => { await real(...request); return %s }
				HTMLFormElement.prototype.submit = () => location.assign("/?again")
			}`, answer))
		}
		counts := func(n int) {
			v.t.Helper()
			if v.address() != s.url+"/cart" {
				t.Fatalf("%s: got %s, want the cart, which shows what came of it", what, v.address())
			}
			v.hasInCart(map[string]int{"GLO-TYPIST": n})
		}
		v.opens("/products/typist")
		loses()
		v.presses("Add to cart")
		counts(1)
		loses()
		v.presses("One more: Typist")
		counts(2)
		loses()
		v.types("Quantity: Typist", "5")
		v.presses("Go to checkout")
		counts(5)
	}
}

func TestABrowserThatKeepsNoCookieIsToldSo(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.opens("/products/typist")
	ask[any](v, `() => {
		const real = fetch
		window.fetch = async (...request) => { // as if the browser had dropped each cookie of the answer
			const answer = await real(request[0].replace("/cart/lines", "/cart?added=1"), {credentials: "omit"})
			return Object.defineProperty(answer, "redirected", {value: true})
		}
	}`)
	v.waits("add a product", chromedp.MouseClickXY(v.reaches(v.finds("Add to cart", "button"))))
	v.notices("cookies-refused")
}

func TestTheMenuCloses(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	open := `() => document.querySelector(".menu").open`
	for _, way := range []struct{ does, js string }{
		{"a press on nothing", `() => document.querySelector("main h1").dispatchEvent(
			new MouseEvent("click", {bubbles: true, cancelable: true, detail: 1}))`},
		{"Escape", `() => document.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape"}))`},
	} {
		v.opens("/products")
		v.unfolds("Menu")
		ask[any](v, way.js)
		if v.isAt("/products"); ask[bool](v, open) {
			t.Errorf("the menu after %s: got it open, want it closed", way.does)
		}
	}
}

func TestALinkBesideTheOpenMenuIsFollowedAtTheFirstPress(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	v.opens("/products")
	v.unfolds("Menu")
	v.presses("Sign in")
	v.isAt("/login")
}

func TestTheWholeCellOfARoomInTheMenuIsItsLink(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShop(t))
	v.does(chromedp.EmulateViewport(narrow, phoneTall))
	v.opens("/products")
	v.unfolds("Menu")
	for _, room := range ask[[]string](v, `() => [...document.querySelectorAll(".menu li")].filter(cell => {
		const box = cell.getBoundingClientRect()
		const at = document.elementFromPoint(box.right - 2, box.top + box.height / 2)
		return !at || !at.closest("a") || !cell.contains(at)
	}).map(cell => cell.innerText)`) {
		t.Errorf("the right end of %q: got no link, want the link of the whole cell", room)
	}
}

func TestWhatIsHiddenIsNotShown(t *testing.T) { // such as the button that prints, without scripts
	t.Parallel()
	v := withoutScripts(t, openShop(t))
	v.opens("/")
	shown := ask[string](v, `() => {
		const button = document.body.appendChild(document.createElement("button"))
		button.hidden = true
		return getComputedStyle(button).display
	}`)
	if shown != "none" {
		t.Errorf("a hidden button: got display %q, want none", shown)
	}
}
