package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"hookandtag.example/shop/dev/browser"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// TestMain runs the tests on one database server and in one browser.
func TestMain(m *testing.M) {
	postgrestest.Main(m)
	closeBrowser()
	keysAndSubjects.remove()
}

// chromium is the one browser of all tests, started by the first that needs it.
var chromium = sync.OnceValues(startBrowser)

// closeBrowser ends the browser, and with it every window.
var closeBrowser = func() {}

func startBrowser() (context.Context, error) {
	path, err := browser.Find(context.Background())
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(wide, tall), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true))
	allocated, release := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocated)
	closeBrowser = func() { cancel(); release() }
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, nil
}

// picturesWanted reports whether anybody will look at the pictures: SCREENSHOTS names a directory, or go test keeps artifacts.
// Taking them all costs as much time as all else together.
func picturesWanted() bool {
	artifacts := flag.Lookup("test.artifacts")
	return os.Getenv("SCREENSHOTS") != "" || artifacts != nil && artifacts.Value.String() == "true"
}

// picturesDir is where a test's pictures go.
func picturesDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return t.ArtifactDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
