package storefront

import (
	"strconv"
	"strings"
)

// quantity reads a number of units. What is no number, or is too large for one, is not ok; whether
// it is a quantity is for the cart to say.
func quantity(typed string) (n int, ok bool) {
	typed = strings.TrimSpace(typed)
	if len(typed) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(typed)
	return n, err == nil
}
