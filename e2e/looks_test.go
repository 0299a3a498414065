package e2e

import (
	"cmp"
	_ "embed"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Widths that pages are looked at in: a telephone and a screen. narrowest is what WCAG 1.4.10 asks
// for, without scrolling sideways.
const (
	narrow    = 360
	narrowest = 320
)

// faultsOf is a JavaScript function that returns what is wrong with the page's layout, in words.
//
//go:embed layout.js
var faultsOf string

// looks checks the page's layout in every width. Where LOOKS names a directory, it inspects the
// page and keeps pictures of it there.
func (v *shopper) looks(name string) {
	v.t.Helper()
	if dir := os.Getenv("LOOKS"); dir != "" {
		v.inspects(name, dir)
		return
	}
	for _, width := range []int64{narrowest, narrow, wide} {
		v.turns(width)
		for _, fault := range ask[[]string](v, faultsOf) {
			v.t.Errorf("%s, %d wide: %s", name, width, fault)
		}
	}
}

// turns gives the window another width.
func (v *shopper) turns(width int64) {
	v.t.Helper()
	v.does(chromedp.EmulateViewport(width, tall))
}

// prefers sets the system's colour scheme.
func (v *shopper) prefers(scheme string) {
	v.t.Helper()
	call(v, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// drawn scrolls to the top and waits until the page is painted as it is now. A window without
// scripts calls nobody back, so there is nothing to wait for.
const drawn = `() => new Promise(done => {
	scrollTo(0, 0)
	requestAnimationFrame(() => requestAnimationFrame(() => done(true)))
})`

// pictures keeps a picture of the whole page, in the directory that SCREENSHOTS names.
func (v *shopper) pictures(file string) {
	v.t.Helper()
	if v.scriptless {
		ask[bool](v, `() => { scrollTo(0, 0); return true }`)
	} else {
		ask[bool](v, drawn)
	}
	shot := call(v, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true),
	})
	dir := cmp.Or(os.Getenv("SCREENSHOTS"), v.t.ArtifactDir())
	if err := os.WriteFile(filepath.Join(dir, file), shot.Data, 0o644); err != nil {
		v.t.Fatal(err)
	}
}
