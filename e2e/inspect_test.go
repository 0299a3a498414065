package e2e

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// inspection is a JavaScript function that returns what is wrong with the page on screen, in words.
// It needs axe-core in the page.
//
//go:embed inspect.js
var inspection string

// inspectedWidths and inspectedTexts are what `go run ./cmd/dev looks` looks at each page in.
var (
	inspectedWidths = []int64{320, 360, 768, 1024, 1280}
	inspectedTexts  = []int64{100, 200} // percent of the browser's usual size // WCAG 1.4.4
)

// inspects looks at the page in both themes, every width and text size, keeps a picture of each in
// dir, and writes what is wrong to findings.txt there.
func (v *shopper) inspects(name, dir string) {
	v.t.Helper()
	faults := faultsOf // axe waits for timers, which a page without scripts does not have
	if !v.scriptless {
		axe, err := os.ReadFile(os.Getenv("AXE"))
		if err != nil {
			v.t.Fatalf("AXE must name axe.min.js: %v", err)
		}
		ask[bool](v, "() => { "+string(axe)+"; return true }")
		faults = inspection
	}
	found, order := map[string][]string{}, []string(nil)
	for _, text := range inspectedTexts {
		for _, scheme := range []string{"dark", "light"} {
			v.prefers(scheme)
			for _, width := range inspectedWidths {
				v.turns(width) // which undoes the size of the text
				v.reads(text)
				for _, fault := range ask[[]string](v, faults) {
					if found[fault] == nil {
						order = append(order, fault)
					}
					found[fault] = append(found[fault], fmt.Sprintf("%s %d %d%%", scheme, width, text))
				}
				v.grows(width)
				v.reads(text)
				v.takes(filepath.Join(dir, fmt.Sprintf("%s_%s_%d_%d.jpg", name, scheme, width, text)))
			}
		}
	}
	v.turns(wide)
	v.reads(100)
	for _, fault := range order {
		v.reports(dir, fmt.Sprintf("%s: %s (%s)", name, fault, strings.Join(found[fault], ", ")))
	}
}

// reads sets the browser's text size, in percent of the usual one.
func (v *shopper) reads(percent int64) {
	v.t.Helper()
	call(v, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: 16 * percent / 100}})
}

// grows makes the window as tall as the page: a picture beyond the window would undo the size of
// the text.
func (v *shopper) grows(width int64) {
	v.t.Helper()
	height := ask[int64](v, "() => document.documentElement.scrollHeight")
	v.does(chromedp.EmulateViewport(width, max(height, tall)))
}

// takes keeps a small picture of the window.
func (v *shopper) takes(file string) {
	v.t.Helper()
	if !v.scriptless {
		ask[bool](v, drawn) // a window that was made taller is painted piece by piece
	}
	shot := call(v, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatJpeg, Quality: new(int64(50)),
	})
	if err := os.WriteFile(file, shot.Data, 0o644); err != nil {
		v.t.Fatal(err)
	}
}

// reports fails the test and adds a line to the findings of all tests.
func (v *shopper) reports(dir, line string) {
	v.t.Helper()
	v.t.Error(line)
	findings, err := os.OpenFile(filepath.Join(dir, "findings.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		v.t.Fatal(err)
	}
	defer findings.Close()
	if _, err := findings.WriteString(line + "\n"); err != nil {
		v.t.Fatal(err)
	}
}
