package browsertest

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// unneeded are features of the browser that start processes for what no test looks at. The last
// three are parts of its own window, which cost as much as the pages in it.
var unneeded = []string{"Translate", "SpareRendererForSitePerProcess", "PreloadTopChromeWebUI", "WebUIOmniboxPopup",
	"WebUIOmniboxAimPopup"}

// Options let the browser at path run without a screen, with as few processes as it can do with:
// starting one takes longer than showing a page.
func Options(path string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("process-per-site", true), chromedp.Flag("in-process-gpu", true),
		chromedp.Flag("disable-features", strings.Join(unneeded, ",")))
}
