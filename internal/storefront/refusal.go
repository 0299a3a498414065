package storefront

import (
	"errors"
	"strconv"
	"strings"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/storefront/page"
	"hookandtag.example/shop/internal/text"
)

// quantity reads a number of pieces; ok is false for anything but a number of at most nine
// characters. The cart checks the range.
func quantity(typed string) (n int, ok bool) {
	typed = strings.TrimSpace(typed)
	if len(typed) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(typed)
	return n, err == nil
}

// maxTyped is the most characters that a page shows again of what was typed into a field for a
// number.
const maxTyped = 20

// refusalOf is what the visitor can correct; nil for any other error.
func refusalOf(err error, sku, typed string) *page.Refusal {
	var limit *cart.LimitError
	if errors.As(err, &limit) || errors.Is(err, cart.ErrQuantity) || errors.Is(err, cart.ErrTooManyLines) ||
		errors.Is(err, cart.ErrTooManySaved) {
		return &page.Refusal{SKU: sku, Typed: text.Line(typed, maxTyped), Err: err}
	}
	return nil
}
