package docs_test

import (
	"path/filepath"
	"regexp"
	"testing"
)

var (
	action = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.+)$`)
	pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
)

func TestEveryActionIsNamedByItsCommit(t *testing.T) { // a tag can be moved to other code
	t.Parallel()
	workflows, err := filepath.Glob("../.github/workflows/*")
	if err != nil || len(workflows) == 0 {
		t.Fatalf("no workflow is found: %v", err)
	}
	for _, w := range workflows {
		for _, found := range action.FindAllStringSubmatch(read(t, filepath.Join(".github/workflows", filepath.Base(w))),
			-1) {
			if !pinned.MatchString(found[1]) {
				t.Errorf("%s uses %s, want owner/name@commit # v1.2.3", w, found[1])
			}
		}
	}
}
