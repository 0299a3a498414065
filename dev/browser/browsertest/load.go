// Package browsertest starts browsers and waits for pages in tests that drive Chromium with
// chromedp.
package browsertest

import (
	"context"
	"errors"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var errRestored = errors.New("the page comes from the back/forward cache")

// Load does something that leads to another page and waits until that has loaded, or until the
// browser has restored it from its back/forward cache: such a page sends no load event, so chromedp
// waits for it in vain.
func Load(ctx context.Context, action chromedp.Action[chromedp.Void]) error {
	loading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	err := chromedp.Listen(loading, func(event any) {
		if e, ok := event.(*page.EventFrameNavigated); ok && e.Type == page.NavigationTypeBackForwardCacheRestore {
			stop(errRestored)
		}
	})
	if err != nil {
		return err
	}
	if _, err = chromedp.RunResponse(loading, action); errors.Is(context.Cause(loading), errRestored) {
		return nil
	}
	return err
}
