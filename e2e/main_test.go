package e2e

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"hookandtag.example/shop/dev/browser"
	"hookandtag.example/shop/dev/browser/browsertest"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// TestMain runs the tests on one database server and in one browser.
func TestMain(m *testing.M) {
	postgrestest.Main(m)
	closeBrowsers()
}

// Each browser is started by the first test that needs it, and shared by all.
var (
	quickBrowser = sync.OnceValues(func() (context.Context, error) { return startBrowser(browser.FindQuick) })
	fullBrowser  = sync.OnceValues(func() (context.Context, error) { return startBrowser(browser.Find) })
)

var running struct {
	sync.Mutex
	stops []func()
}

// closeBrowsers ends the browsers, and with them every window.
func closeBrowsers() {
	running.Lock()
	defer running.Unlock()
	for _, stop := range running.stops {
		stop()
	}
}

// thorough reports whether the slow way is asked for: every test in the full browser, every lesson
// with scripts and without, every way a session ends, and every page at every width.
func thorough() bool { return os.Getenv("THOROUGH") != "" }

type finder = func(context.Context) (path string, err error)

// startBrowser starts a browser. Unless thorough, a window shows shop and provider in one process:
// which cookies go where, and what a page may load, is decided in others.
func startBrowser(find finder) (context.Context, error) {
	path, err := find(context.Background())
	if err != nil {
		return nil, err
	}
	options := append(browsertest.Options(path), chromedp.WindowSize(wide, tall))
	if !thorough() {
		options = append(options, chromedp.Flag("disable-site-isolation-trials", true),
			chromedp.Flag("renderer-process-limit", "1"))
	}
	allocated, release := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocated)
	running.Lock()
	running.stops = append(running.stops, func() { cancel(); release() })
	running.Unlock()
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, nil
}
