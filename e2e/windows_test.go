//go:build browsers

package e2e

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"

	"hookandtag.example/shop/dev/browser/driver"
)

// starts are the browsers in which the journey is made.
var starts = map[string]func(*testing.T, *shop) driver.Window{
	"Chromium": startChromium,
	"Firefox":  func(t *testing.T, _ *shop) driver.Window { return driver.StartFirefox(t) },
	"WebKit":   func(t *testing.T, _ *shop) driver.Window { return driver.StartWebKit(t) },
}

// startChromium opens a window of the full browser, in which a journey goes back.
func startChromium(t *testing.T, s *shop) driver.Window {
	t.Helper()
	v := newShopperWhoGoesBack(t, s)
	call(v, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	return chromium{v}
}

// chromium is a driver.Window.
type chromium struct{ v *shopper }

func (c chromium) Open(_ context.Context, address string) error { c.v.goes(address); return nil }

func (c chromium) Run(_ context.Context, expression string, value any) error {
	return json.Unmarshal(ask[json.RawMessage](c.v, "() => "+expression), value)
}

func (c chromium) Back(context.Context) error { c.v.goesBack(); return nil }

func (c chromium) Resize(_ context.Context, width, height int) error {
	c.v.does(chromedp.EmulateViewport(int64(width), int64(height)))
	return nil
}

func (c chromium) Tab(context.Context) (driver.Window, error) {
	other := c.v.secondTab()
	call(other, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	return chromium{other}, nil
}
