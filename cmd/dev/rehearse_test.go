package main

import (
	"os"
	"strings"
	"testing"
)

// A soak takes half an hour, and finds out only then where to put what it says.
func TestThePageHasTheMarksBetweenWhichASoakWrites(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operations.md")
	must(t, err)
	_, rest, begun := strings.Cut(string(page), soakMark)
	if !begun || !strings.Contains(rest, "<!-- end -->") || !strings.Contains(rest, "](images/soak.svg)") {
		t.Errorf("docs/operations.md lacks %q, its end or the picture after it", strings.TrimSpace(soakMark))
	}
}
