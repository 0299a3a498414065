package docs_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// Limits that the documents repeat are constants that a change of the code would not find there.
func TestLimitsInTheDocumentsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, constant, document, sentence string }{
		{"internal/storefront/routes.go", "mostPages", "docs/decisions.md", "At most %s pages are made at once"},
		{"internal/storefront/routes.go", "mostPages", "docs/operations.md", "answers at most %s pages at once"},
		{"internal/storefront/routes.go", "mostWaiting", "docs/decisions.md", "Up to %s requests wait for a place"},
		{"internal/storefront/routes.go", "mostWaiting", "docs/operations.md", "Beside each, %s others wait"},
		{"internal/postgres/operator.go", "endBatch", "docs/decisions.md", "locks %s customers at a time"},
		{"internal/postgres/operator.go", "endBatch", "docs/operations.md", "sessions of %s customers end at a time"},
		{"internal/postgres/postgres.go", "maxConns", "docs/operations.md", "opens at most %s connections"},
		{"internal/order/order.go", "CancelWithin", "docs/decisions.md", "cancels an order within %s minutes"},
	} {
		constant := regexp.MustCompile(`\b` + c.constant + `\s+= (\d+)`).FindStringSubmatch(read(t, c.file))
		if constant == nil {
			t.Errorf("%s has no number %s", c.file, c.constant)
			continue
		}
		want := fmt.Sprintf(c.sentence, constant[1])
		if !strings.Contains(read(t, c.document), want) {
			t.Errorf("%s lacks %q", c.document, want)
		}
	}
}
