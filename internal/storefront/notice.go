package storefront

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/storefront/page"
)

// notice is what a press has done, on its way to the page that follows. It travels in a cookie as
// "code", "code.2x" or "code.2xHAT-BOWLER", several joined by "_".
//
// The cookie is neither signed nor sealed: it holds a code that is listed below and numbers of
// products, never a text, so a forged one makes the shop say only what it says anyway.
type notice struct {
	code   string
	counts []count
}

// count is a number, of a product or of what the code counts.
type count struct {
	n   int
	sku string // "": of what the code counts
}

const (
	// noticeLifetime is how long a notice waits for its page.
	noticeLifetime = time.Minute
	// maxNotices is the most notices that wait; beyond it the oldest are dropped.
	maxNotices = 4
	// maxCount is the largest number a notice may hold.
	maxCount = 1000
)

// The codes of notices.
const (
	codeAdded        = "added"         // of one product, how many are in the cart
	codeMerged       = "merged"        // how many lines a merge changed
	codeLowered      = "lowered"       // how many lines a merge lowered, if it did nothing else
	codeDevicesEnded = "devices-ended" // how many other sessions ended
	codeNotAllAdded  = "not-all-added" // what of an order could not be added again

	codeLineGone        = "line-gone"
	codeUndone          = "undone"
	codeUndoGone        = "undo-gone"
	codeForgotten       = "forgotten"
	codeDeviceEnded     = "device-ended"
	codeNoDeviceLeft    = "no-device-left"
	codeAllAdded        = "all-added"
	codeCancelLate      = "cancel-late"
	codeUnplaced        = "unplaced"
	codeConfirmed       = "confirmed"
	codePlaced          = "placed"
	codeCartEmpty       = "cart-empty"
	codeNothingToOrder  = "nothing-to-order"
	codeNeedAddress     = "need-address"
	codeNeedDelivery    = "need-delivery"
	codeCheckoutChanged = "checkout-changed"
	codeOutOfStock      = "out-of-stock"

	codeSaved    = "saved"
	codeRestored = "restored"
)

// plainNotices are the notices without numbers, by code.
var plainNotices = map[string]page.Notice{
	codeLineGone:     {Kind: "late", Text: "That product is no longer in your cart, so nothing was changed."},
	codeUndone:       {Kind: "undone", Text: "Undone. Your cart is as it was before."},
	codeUndoGone:     {Kind: "late", Text: "There is nothing left to undo: your cart has changed since."},
	codeForgotten:    {Kind: "forgotten", Text: "Your cart is forgotten. Nothing of it is left in this browser."},
	codeDeviceEnded:  {Kind: "device-ended", Text: "That browser is signed out. It says so on its next click."},
	codeNoDeviceLeft: {Kind: "device-ended", Text: "You are signed in nowhere else."},
	codeAllAdded:     {Kind: "added", Text: "Everything from your order is in your cart, at today's prices."},
	codeCancelLate: {Kind: "late", Text: "We are packing this order already, so it can no longer be cancelled. " +
		"You have 30 days to send it back."},
	codeUnplaced: {Kind: "late", Text: "Your order is not placed yet: you were signed out before. " +
		"Look it over and place it now."},
	codeConfirmed: {Kind: "late", Text: "Thank you, we know it's you. Nothing is ordered yet: look it over and press " +
		"“Place order” once more."},
	codePlaced:    {Kind: justPlaced, Text: "Thank you. Your order is placed."},
	codeCartEmpty: {Kind: "empty", Text: "There is nothing to order: your cart is empty."},
	codeNothingToOrder: {Kind: "empty", Text: "There is nothing to order: your cart is empty.", LinkURL: "/orders",
		LinkText: "What you have ordered"},
	codeNeedAddress:  {Kind: "step", Text: "First tell us where the order goes."},
	codeNeedDelivery: {Kind: "step", Text: "First choose how you would like to get your order."},
	codeCheckoutChanged: {Kind: "step", Text: "Your checkout has changed, so nothing was ordered. Please check it once " +
		"more."},
	codeOutOfStock: {Kind: "sold-out", Text: "Something in your cart is no longer in stock. " +
		"Change the marked lines, then continue."},
}

// lineNotices are the notices about one product, by code, with %s for its name.
var lineNotices = map[string]string{
	codeSaved:    "%s is saved for later, below your cart.",
	codeRestored: "%s is back in your cart.",
}

// addNotice keeps a notice for the page that follows this answer, beside those that still wait.
func (s *Server) addNotice(w http.ResponseWriter, r *http.Request, n notice) {
	waiting := append(parseNotices(s.cookie(r, noticeCookie)), n)
	var values []string
	for _, n := range waiting[max(len(waiting)-maxNotices, 0):] {
		values = append(values, n.String())
	}
	s.setCookie(w, noticeCookie, strings.Join(values, "_"), noticeLifetime)
}

// notices returns what this page says first; see clearNotices. A HEAD request leaves it for the
// next page.
func (s *Server) notices(r *http.Request) (shown []page.Notice) {
	if r.Method == http.MethodHead {
		return nil
	}
	for _, n := range parseNotices(s.cookie(r, noticeCookie)) {
		if words, ok := s.words(r.Context(), n); ok {
			if words.LinkURL == r.URL.Path {
				words.LinkURL, words.LinkText = "", ""
			}
			shown = append(shown, words)
		}
	}
	return append(shown, s.elsewhereNotices(r)...)
}

// clearNotices deletes the cookie once a page shows what was in it.
func (s *Server) clearNotices(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodHead && len(r.CookiesNamed(s.cookieName(noticeCookie))) > 0 {
		s.setCookie(w, noticeCookie, "", 0)
	}
}

// elsewhereNotices returns the notice of a sign-in in another browser, which the session keeps.
func (s *Server) elsewhereNotices(r *http.Request) []page.Notice {
	if !s.config.Sessions.TakeSignedInElsewhere(r.Context()) {
		return nil
	}
	n := page.Notice{Kind: "elsewhere",
		Text: "Your account was also signed in on another browser. If that was not you, sign that browser out."}
	if r.URL.Path != devicesPath {
		n.LinkURL, n.LinkText = devicesPath, "See where you are signed in"
	}
	return []page.Notice{n}
}

// words returns what a page says; ok is false for an unknown notice.
func (s *Server) words(ctx context.Context, n notice) (shows page.Notice, ok bool) {
	if plain, ok := plainNotices[n.code]; ok {
		return plain, len(n.counts) == 0
	}
	if len(n.counts) == 0 {
		return page.Notice{}, false
	}
	first := n.counts[0]
	switch n.code {
	case codeMerged, codeLowered:
		return page.Notice{Kind: merged, Text: mergedWords(n.code, first.n), LinkURL: "/cart",
			LinkText: "See your cart"}, true
	case codeDevicesEnded:
		return page.Notice{Kind: "device-ended", Text: devicesEndedWords(first.n)}, true
	}
	products, err := s.config.Catalog.Snapshot(ctx)
	if err != nil {
		return page.Notice{}, false
	}
	switch {
	case lineNotices[n.code] != "":
		product, err := products.ProductBySKU(first.sku)
		return page.Notice{Kind: n.code, Text: fmt.Sprintf(lineNotices[n.code], product.Name)}, err == nil
	case n.code == codeAdded:
		product, err := products.ProductBySKU(first.sku)
		return page.Notice{Kind: "added", Text: fmt.Sprintf("%s is in your cart (%d).", product.Name, first.n),
			LinkURL: "/products?room=" + string(product.Room), LinkText: "Keep shopping"}, err == nil
	case n.code == codeNotAllAdded:
		return page.Notice{Kind: "capped", Text: notAllAddedWords(products, n.counts)}, true
	}
	return page.Notice{}, false
}

func mergedWords(code string, n int) string {
	items := "one item"
	if n != 1 {
		items = fmt.Sprintf("%d items", n)
	}
	if code == codeLowered {
		return "We no longer have as many as you had chosen of " + items + ". Your cart shows which."
	}
	return "There was a cart from your last visit: " + items + " changed. Your cart shows which."
}

func devicesEndedWords(n int) string {
	if n == 1 {
		return "One other browser is signed out. You are signed in only here now."
	}
	return fmt.Sprintf("%d other browsers are signed out. You are signed in only here now.", n)
}

func notAllAddedWords(products *catalog.Snapshot, counts []count) string {
	var names []string
	for _, c := range counts {
		if product, err := products.ProductBySKU(c.sku); err == nil {
			names = append(names, fmt.Sprintf("%d × %s", c.n, product.Name))
		}
	}
	if len(names) < len(counts) {
		names = append(names, "what we no longer sell")
	}
	return "We added what we have, at today's prices. Not available at the moment: " + strings.Join(names, ", ") + "."
}

func (n notice) String() string {
	var b strings.Builder
	b.WriteString(n.code)
	for _, c := range n.counts {
		fmt.Fprintf(&b, ".%dx%s", c.n, c.sku)
	}
	return b.String()
}

// parseNotices reads the cookie's value and skips unknown notices.
func parseNotices(value string) (notices []notice) {
	if value == "" || len(value) > maxCookie {
		return nil
	}
	for text := range strings.SplitSeq(value, "_") {
		if len(notices) == maxNotices {
			break
		}
		if n, ok := parseNotice(text); ok {
			notices = append(notices, n)
		}
	}
	return notices
}

func parseNotice(text string) (n notice, ok bool) {
	parts := strings.Split(text, ".")
	n.code = parts[0]
	for _, part := range parts[1:] {
		number, sku, found := strings.Cut(part, "x")
		c := count{sku: sku}
		var err error
		if c.n, err = strconv.Atoi(number); err != nil || !found || c.n < 1 || c.n > maxCount || strconv.Itoa(c.n) != number {
			return notice{}, false
		}
		if sku != "" && !catalog.ValidSKU(sku) {
			return notice{}, false
		}
		n.counts = append(n.counts, c)
	}
	return n, len(n.counts) <= cart.MaxLines
}
