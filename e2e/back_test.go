package e2e

import (
	"context"
	"errors"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var errRestored = errors.New("the page comes from the back/forward cache")

// loads does something that leads to another page and waits until that has loaded, or until the browser has restored it from its
// back/forward cache: such a page sends no load event.
func loads(ctx context.Context, action chromedp.Action[chromedp.Void]) (restored bool, err error) {
	loading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	err = chromedp.Listen(loading, func(event any) {
		if e, ok := event.(*page.EventFrameNavigated); ok && e.Type == page.NavigationTypeBackForwardCacheRestore {
			stop(errRestored)
		}
	})
	if err != nil {
		return false, err
	}
	if _, err = chromedp.RunResponse(loading, action); errors.Is(context.Cause(loading), errRestored) {
		return true, nil
	}
	return false, err
}

// settles waits until a restored page has asked the shop whether it still holds, and has loaded anew if it does not.
func settles(ctx context.Context) error {
	const settled = `document.readyState === "complete" && !document.documentElement.ariaBusy`
	for {
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](settled))
		if done && err == nil {
			return nil
		}
		select { // an error is one of a page that has just gone
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
