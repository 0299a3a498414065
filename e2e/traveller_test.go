//go:build browsers

package e2e

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/browser/driver"
	"hookandtag.example/shop/dev/shoptest"
)

const tablet = 768

// webkitNarrow is the width of the narrowest window that WebKitGTK's small browser makes: its tool
// bar has no less.
const webkitNarrow = 450

func newTraveller(t *testing.T, s *shop, browser string) *traveller {
	t.Helper()
	v := &traveller{t: t, shop: s, window: starts[browser](t, s), narrowest: narrow}
	if browser == "WebKit" {
		v.narrowest = webkitNarrow
	}
	return v
}

// traveller is a shopper in any of the browsers. What is not as it should be ends the test.
type traveller struct {
	t      *testing.T
	shop   *shop
	window driver.Window
	pages  int // how many pages were marked

	narrowest int // the width of the narrowest window possible
}

func (v *traveller) must(what string, err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatalf("%s: %v", what, err)
	}
}

func answerOf[T any](v *traveller, expression string) (value T) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), waitLimit)
	defer cancel()
	v.must(expression, v.window.Run(ctx, expression, &value))
	return value
}

func (v *traveller) address() string { v.t.Helper(); return answerOf[string](v, "location.href") }

func (v *traveller) text() string {
	v.t.Helper()
	return words(answerOf[string](v, "document.title + ' | ' + document.body.innerText"))
}

func (v *traveller) opens(path string) {
	v.t.Helper()
	v.must("open "+path, v.window.Open(v.t.Context(), v.shop.url+path))
	v.settles("")
}

// marks gives the page on screen a mark that no other page has.
func (v *traveller) marks() (mark string) {
	v.t.Helper()
	v.pages++
	return answerOf[string](v, fmt.Sprintf("window.mark = 'page %d'", v.pages))
}

// settles waits for a page without the mark that leads nowhere by itself.
func (v *traveller) settles(mark string) {
	v.t.Helper()
	condition := fmt.Sprintf(`window.mark !== %q && location.protocol.startsWith("http") &&
		document.readyState === "complete" && !document.documentElement.ariaBusy &&
		!document.querySelector("meta[http-equiv=refresh]")`, cmp.Or(mark, "no mark"))
	ctx, cancel := context.WithTimeout(v.t.Context(), waitLimit)
	defer cancel()
	for {
		var done bool
		err := v.window.Run(ctx, condition, &done)
		if err == nil && done {
			return
		}
		select { // an error is one of a page that has just gone
		case <-ctx.Done():
			v.t.Fatalf("no page after %q: %v", mark, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// presses the first button or link on screen whose text begins with name, the header's last, and
// waits for the page it leads to.
func (v *traveller) presses(name string) {
	v.t.Helper()
	mark := v.marks()
	v.clicks(name)
	v.settles(mark)
}

func (v *traveller) clicks(name string) {
	v.t.Helper()
	found := answerOf[bool](v, fmt.Sprintf(`(name => {
		const it = [...document.querySelectorAll("main :is(a, button)"), ...document.querySelectorAll("a, button")]
			.find(e => e.checkVisibility() && e.innerText.trim().startsWith(name))
		if (it) setTimeout(() => it.click())
		return Boolean(it)
	})(%q)`, name))
	if !found {
		v.t.Fatalf("%s has no %q: %s", v.address(), name, v.text())
	}
}

func (v *traveller) fills(field, text string) {
	v.t.Helper()
	if !answerOf[bool](v, fmt.Sprintf(`((name, text) => {
		const field = document.querySelector("[name=" + name + "]")
		if (field) field.value = text
		return Boolean(field)
	})(%q, %q)`, field, text)) {
		v.t.Fatalf("%s has no field %q", v.address(), field)
	}
}

func (v *traveller) until(what, condition string) {
	v.t.Helper()
	shoptest.Eventually(v.t, what, func() bool { return answerOf[bool](v, condition) })
}

func (v *traveller) isAt(path string) {
	v.t.Helper()
	if got, _, _ := strings.Cut(v.address(), "?"); got != v.shop.url+path {
		v.t.Fatalf("the browser is at %s, want %s: %s", v.address(), path, v.text())
	}
}

func (v *traveller) sees(text string, want bool) {
	v.t.Helper()
	if page := v.text(); strings.Contains(page, text) != want {
		v.t.Fatalf("%s says %q: got %t, want %t: %s", v.address(), text, !want, want, page)
	}
}

// puts puts a product in the cart from its page, and goes to the cart.
func (v *traveller) puts(slug string) {
	v.t.Helper()
	v.opens("/products/" + slug)
	v.clicks("Add to cart")
	v.until("the product is in the cart", `Boolean(document.querySelector(".toast"))`)
	v.opens("/cart")
}

func (v *traveller) signsIn() {
	v.t.Helper()
	v.presses("Sign in")
	v.fills("email", alice.email)
	v.fills("password", "password")
	v.presses("Sign in")
}

// goesBack presses Back and waits for the page before this one.
func (v *traveller) goesBack() {
	v.t.Helper()
	mark := v.marks()
	v.must("go back", v.window.Back(v.t.Context()))
	v.settles(mark)
}
