package storefront

import (
	"strconv"
	"strings"
)

// quantity reads a number of units. Ok is false if the text is not a number of at most nine
// characters. The cart checks the range.
func quantity(typed string) (n int, ok bool) {
	typed = strings.TrimSpace(typed)
	if len(typed) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(typed)
	return n, err == nil
}
