package e2e

import (
	"context"
	_ "embed"
	"fmt"
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

// looks checks the page's layout in every width, and keeps pictures of it, light and dark, narrow
// and wide, if they are wanted. LOOKS names the directory of a thorough look instead.
func (v *shopper) looks(name string) {
	v.t.Helper()
	if dir := os.Getenv("LOOKS"); dir != "" {
		v.inspects(name, dir)
		return
	}
	if picturesWanted() {
		v.poses(name)
	}
	for _, width := range []int64{narrowest, narrow, wide} {
		v.turns(width)
		for _, fault := range ask[[]string](v, faultsOf) {
			v.t.Errorf("%s, %d wide: %s", name, width, fault)
		}
	}
}

func (v *shopper) poses(name string) {
	v.t.Helper()
	for _, scheme := range []string{"dark", "light"} {
		v.prefers(scheme)
		// the width changes each time, which makes the browser paint everything anew
		for _, width := range []int64{narrow, wide} {
			v.turns(width)
			v.pictures(fmt.Sprintf("%s-%s-%d.png", name, scheme, width))
		}
	}
}

// turns gives the window another width.
func (v *shopper) turns(width int64) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, waitLimit)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, tall)); err != nil {
		v.t.Fatalf("turn the window %d wide: %v", width, err)
	}
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

// pictures keeps a picture of the whole page.
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
	if err := os.WriteFile(filepath.Join(picturesDir(v.t), file), shot.Data, 0o644); err != nil {
		v.t.Fatal(err)
	}
}
