package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"hookandtag.example/shop/dev/browser/browsertest"
)

// The window of a shopper, and how long they wait for a page before they give up.
const (
	wide, tall = 1280, 900
	waitLimit  = 30 * time.Second
)

// shopper is somebody with a browser window of their own: nobody else has their cookies. The first
// thing that is not as it should be ends the test. When the test ends, nothing may stand in the
// browser's console.
type shopper struct {
	t       *testing.T
	shop    *shop
	ctx     context.Context
	trouble *troubles

	scriptless bool // no page's script runs
	pressed    int  // how often something was pressed
}

// newShopper opens a window on nothing.
func newShopper(t *testing.T, s *shop) *shopper {
	t.Helper()
	if thorough() {
		return newShopperWhoGoesBack(t, s)
	}
	return openIn(t, s, quickBrowser)
}

// newShopperWhoGoesBack opens a window in the full browser, because the headless shell has no
// back/forward cache.
func newShopperWhoGoesBack(t *testing.T, s *shop) *shopper {
	t.Helper()
	return openIn(t, s, fullBrowser)
}

func openIn(t *testing.T, s *shop, start func() (context.Context, error)) *shopper {
	t.Helper()
	browser, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return openWindow(t, s, browser, chromedp.WithNewBrowserContext())
}

// withoutScripts opens a window in which no page's script runs.
func withoutScripts(t *testing.T, s *shop) *shopper {
	t.Helper()
	return newShopper(t, s).disablesScripts()
}

// disablesScripts keeps pages' scripts from running in this window.
func (v *shopper) disablesScripts() *shopper {
	v.t.Helper()
	v.scriptless = true
	call(v, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	v.goes("data:text/html,<noscript>no scripts here</noscript>")
	v.sees("no scripts here")
	return v
}

// secondTab is the same shopper, with the same cookies, in another tab.
func (v *shopper) secondTab() *shopper {
	v.t.Helper()
	return openWindow(v.t, v.shop, v.ctx)
}

func openWindow(t *testing.T, s *shop, parent context.Context, options ...chromedp.ContextOption) *shopper {
	t.Helper()
	v := &shopper{t: t, shop: s, trouble: &troubles{}}
	ctx, _ := chromedp.NewContext(parent, append(options, chromedp.WithListener(v.trouble.note))...)
	v.ctx = ctx
	t.Cleanup(func() {
		for _, text := range v.trouble.list() {
			t.Errorf("in the browser's console: %s", text)
		}
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the window: %v", err)
		}
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(wide, tall)); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	call(v, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return v
}

// call sends the browser one command.
func call[P, R any](v *shopper, command cdp.Command[P, R], params P) R {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, waitLimit)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		v.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// ask evaluates a JavaScript function with arguments in the page. It works without scripts too: the
// page's own are what is off.
func ask[T any](v *shopper, function string, args ...any) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, waitLimit)
	defer cancel()
	value, err := chromedp.Run(ctx,
		chromedp.Evaluate[T](fmt.Sprintf("(%s)(...%s)", function, v.list(args)), chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatalf("ask the page %s: %v", function, err)
	}
	return value
}

// list writes arguments as a JavaScript array.
func (v *shopper) list(args []any) string {
	v.t.Helper()
	encoded, err := json.Marshal(append([]any{}, args...)) // none is an empty list, not null
	if err != nil {
		v.t.Fatal(err)
	}
	return string(encoded)
}

// waits does something that leads to another page, and waits until that is there.
func (v *shopper) waits(what string, action chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, waitLimit)
	defer cancel()
	err := browsertest.Load(ctx, action)
	if err == nil {
		err = settles(ctx)
	}
	if err != nil {
		v.t.Fatalf("%s: %v\n%s", what, err, strings.Join(v.trouble.list(), "\n"))
	}
}

// goes types an address into the browser.
func (v *shopper) goes(address string) {
	v.t.Helper()
	v.waits("go to "+address, chromedp.Navigate(address))
}

// opens goes to a page of the shop, which must be fine.
func (v *shopper) opens(path string) {
	v.t.Helper()
	v.goes(v.shop.url + path)
	v.gets(200)
}

func (v *shopper) reloads() {
	v.t.Helper()
	v.waits("reload", chromedp.Reload())
}

// gets checks the status of the page on screen.
func (v *shopper) gets(status int64) {
	v.t.Helper()
	if got := v.status(); got != status {
		v.t.Fatalf("%s answers %d, want %d:\n%s", v.address(), got, status, v.text())
	}
}

// status is the status of the answer that the page on screen came with.
func (v *shopper) status() int64 {
	v.t.Helper()
	return ask[int64](v, `() => performance.getEntriesByType("navigation")[0].responseStatus`)
}

func (v *shopper) address() string {
	v.t.Helper()
	return ask[string](v, "() => location.href")
}

// isAt checks the page's address, without its query: a path of the shop, or a whole address
// elsewhere.
func (v *shopper) isAt(want string) {
	v.t.Helper()
	address := v.address()
	without, _, _ := strings.Cut(address, "?")
	if strings.HasPrefix(want, "/") {
		want = v.shop.url + want
	}
	if without != want {
		v.t.Fatalf("the browser is at %s, want %s:\n%s", address, want, v.text())
	}
}

// query returns a value of the page's query string.
func (v *shopper) query(name string) string {
	v.t.Helper()
	u, err := url.Parse(v.address())
	if err != nil {
		v.t.Fatal(err)
	}
	return u.Query().Get(name)
}

// text is what the page says, white space aside.
func (v *shopper) text() string {
	v.t.Helper()
	return words(ask[string](v, "() => document.title + ' | ' + document.body.innerText"))
}

func words(text string) string { return strings.Join(strings.Fields(text), " ") }

func (v *shopper) sees(texts ...string) {
	v.t.Helper()
	page := v.text()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			v.t.Fatalf("%s does not say %q:\n%s", v.address(), text, page)
		}
	}
}

// doesNotSee checks that neither the page nor a field on it says any of it.
func (v *shopper) doesNotSee(texts ...string) {
	v.t.Helper()
	page := v.text() + ask[string](v,
		`() => [...document.querySelectorAll("input:not([type=hidden])")].map(i => " [" + i.value + "]").join("")`)
	for _, text := range texts {
		if strings.Contains(page, text) {
			v.t.Fatalf("%s says %q:\n%s", v.address(), text, page)
		}
	}
}

// notices checks that the page has a notice of that kind (data-notice), in these words.
func (v *shopper) notices(kind string, texts ...string) {
	v.t.Helper()
	shown := words(ask[string](v, `kind => [...document.querySelectorAll('[data-notice="' + kind + '"]')]
		.filter(n => n.checkVisibility()).map(n => n.innerText).join("\n")`, kind))
	if shown == "" {
		v.t.Fatalf("%s has no notice %q:\n%s", v.address(), kind, v.text())
	}
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			v.t.Fatalf("notice %q: got %q, want %q in it", kind, shown, text)
		}
	}
}

// hasInCart checks the lines on the cart page: how many of each SKU.
func (v *shopper) hasInCart(want map[string]int) {
	v.t.Helper()
	got := ask[map[string]int](v,
		`() => Object.fromEntries([...document.querySelectorAll("main [data-sku][data-quantity]")]
		.map(l => [l.dataset.sku, Number(l.dataset.quantity)]))`)
	if !maps.Equal(got, want) {
		v.t.Fatalf("%s shows %v, want %v", v.address(), got, want)
	}
}

// hasSaved checks which SKUs are saved for later on the cart page.
func (v *shopper) hasSaved(want ...string) {
	v.t.Helper()
	got := ask[[]string](v, `() => [...document.querySelectorAll("[data-saved-sku]")].map(l => l.dataset.savedSku).sort()`)
	if slices.Sort(want); !slices.Equal(got, want) {
		v.t.Fatalf("%s has saved %v, want %v", v.address(), got, want)
	}
}

// isSignedIn checks what the page makes of the visitor, and the number of things by the cart link.
func (v *shopper) isSignedIn(want bool, units string) {
	v.t.Helper()
	got := ask[[]string](v,
		`() => [document.body.dataset.signedIn, document.querySelector("[data-cart-count]").dataset.cartCount]`)
	if !slices.Equal(got, []string{fmt.Sprint(want), units}) {
		v.t.Fatalf("%s shows signed in and things %v, want %v %s", v.address(), got, want, units)
	}
}
