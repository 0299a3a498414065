package lab_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hookandtag.example/shop/dev/browser"
	"hookandtag.example/shop/dev/browser/browsertest"
	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/mallory"
)

// TestMain ends the browser after the tests that use it.
func TestMain(m *testing.M) {
	code := m.Run()
	closeBrowser()
	os.Exit(code)
}

var (
	chromium     = sync.OnceValues(startBrowser)
	closeBrowser = func() {}
)

func startBrowser() (context.Context, error) {
	path, err := browser.Find(context.Background())
	if err != nil {
		return nil, err
	}
	allocated, release := chromedp.NewExecAllocator(context.Background(), browsertest.Options(path)...)
	ctx, cancel := chromedp.NewContext(allocated)
	closeBrowser = func() { cancel(); release() }
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, nil
}

// window is a learner's browser window with cookies that no other window has.
type window struct {
	t   *testing.T
	ctx context.Context
}

func openWindow(t *testing.T) *window {
	t.Helper()
	ctx := must(chromium())(t)
	ctx, closeWindow := chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(closeWindow)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return &window{t: t, ctx: ctx}
}

func (b *window) do(action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, action); err != nil {
		b.t.Fatal(err)
	}
}

func (b *window) open(address string) { b.t.Helper(); b.do(chromedp.Navigate(address)) }

// press presses the button with a text and waits for the page it leads to.
func (b *window) press(text string) {
	b.t.Helper()
	press := chromedp.Click(chromedp.Search(fmt.Sprintf(`//button[contains(., %q)]`, text)))
	if _, err := chromedp.RunResponse(b.ctx, press); err != nil {
		b.t.Fatalf("press %s: %v", text, err)
	}
}

func (b *window) text() string {
	b.t.Helper()
	// A query waits in vain for the nodes of a page from the back/forward cache.
	return must(chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.querySelector("main").innerText`)))(b.t)
}

func TestInABrowserTheReviewStealsTheCookieUntilItIsHttpOnly(t *testing.T) {
	t.Parallel()
	w, b := startTwin(t), openWindow(t)
	b.open(w.URL(5))
	b.press("Sign in as Alice")
	b.open(w.URL(5))
	b.press("steals the cookie")
	shoptest.Eventually(t, "mail for Mallory", func() bool { return len(w.state(5).Mailbox) > 0 })
	if look := must(w.ReadMailbox(t.Context()))(t); look.User != "Alice" {
		t.Errorf("the mailbox %v opens the account of %q, want Alice", w.state(5).Mailbox, look.User)
	}

	w.defend(5, "httponly")
	b.open(w.URL(5))
	b.press("Sign in as Alice")
	b.open(w.URL(5))
	b.press("steals the cookie")
	shoptest.Eventually(t, "an empty letter", func() bool { return w.happened(5, mallory.EventRefused) })
	if got := w.state(5).Mailbox[0]; got != "" {
		t.Errorf("with HttpOnly Mallory got %q", got)
	}
	b.press("rides along")
	shoptest.Eventually(t, "a hat in the cart, HttpOnly or not", func() bool { return w.state(5).Rows[0].Units > 0 })
}

func TestInABrowserAPolicyStopsTheScript(t *testing.T) {
	t.Parallel()
	w, b := startTwin(t), openWindow(t)
	w.defend(5, "csp")
	b.open(w.URL(5))
	b.press("Sign in as Alice")
	b.open(w.URL(5))
	b.press("rides along")
	b.open(w.URL(5)) // what the script did would be done by now
	if s := w.state(5); s.Rows[0].Units != 0 || len(s.Mailbox) != 0 {
		t.Errorf("with a policy the script ran: %d in the cart", s.Rows[0].Units)
	}
}

func TestInABrowserAnotherSitesFormCarriesTheCookieUntilSameSite(t *testing.T) {
	t.Parallel()
	w, b := startTwin(t), openWindow(t)
	ride := func() (units int) {
		b.open(w.URL(5))
		b.press("Sign in as Alice")
		b.open(strings.TrimSuffix(strings.Replace(w.URL(5), "127.0.0.1", "mallory.localhost", 1), "5/") + "prize?at=twin")
		if got := b.text(); !strings.Contains(got, "You have won a kitten") {
			t.Fatalf("Mallory's page: %s", got)
		}
		b.press("See the kitten")
		for _, row := range w.state(5).Rows {
			if row.User == "Alice" {
				units = row.Units
			}
		}
		return units
	}
	if got := ride(); got != 1 {
		t.Errorf("without SameSite Alice has %d hats, want 1", got)
	}
	w.defend(5, "samesite")
	if got := ride(); got != 0 {
		t.Errorf("with SameSite=Lax Alice has %d hats, want 0", got)
	}
}

func TestInABrowserBackShowsTheAccountUntilItIsNoStore(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	back := func() string {
		b := openWindow(t)
		b.open(w.URL(12))
		b.press("Sign in as Alice")
		b.press("Sign out")
		b.do(chromedp.WaitVisible(chromedp.Search(`//button[contains(., "Sign in as Alice")]`)))
		if err := browsertest.Load(b.ctx, chromedp.NavigateBack()); err != nil {
			t.Fatal(err)
		}
		return b.text()
	}
	if got := back(); !strings.Contains(got, "Hello, Alice") {
		t.Errorf("Back after sign-out shows %q, want the account", got)
	}
	w.defend(12, "nostore")
	if got := back(); strings.Contains(got, "Hello, Alice") {
		t.Errorf("with no-store Back after sign-out shows %q", got)
	}
}
