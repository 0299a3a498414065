package docs_test

import (
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are the texts whose claims are checked here, below the module's root.
var documents = []string{"README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/decisions.md",
	"docs/operations.md", "docs/performance.md", "docs/performance-history.md"}

var (
	testName = regexp.MustCompile(`\bTest[A-Z]\w+`)
	fileName = regexp.MustCompile("`((?:internal|cmd|migrations|web|docs|deploy|e2e)/[\\w./-]+)`")
	link     = regexp.MustCompile(`\]\(([\w./-]+)\)`)
)

func TestDocumentsNameTestsThatExist(t *testing.T) {
	t.Parallel()
	known := testsOfTheModule(t)
	for _, d := range documents {
		for _, name := range testName.FindAllString(read(t, d), -1) {
			if !known[name] {
				t.Errorf("%s names %s, which does not exist", d, name)
			}
		}
	}
}

func TestDocumentsNameFilesThatExist(t *testing.T) {
	t.Parallel()
	for _, d := range documents {
		text := read(t, d)
		for _, found := range fileName.FindAllStringSubmatch(text, -1) {
			wantFile(t, d, found[1])
		}
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			wantFile(t, d, filepath.Join(filepath.Dir(d), found[1]))
		}
	}
}

// A short code in a comment, such as S-9, is a row of the tables.
func TestCommentsNameOnlyRowsThatExist(t *testing.T) {
	t.Parallel()
	_, rows := securityPage(t)
	known := map[string]bool{}
	for _, r := range rows {
		for name := range strings.SplitSeq(r.cells[0], ", ") {
			known[name] = true
		}
	}
	code := regexp.MustCompile(`\b[A-Z]{1,2}-?\d{1,2}\b`)
	goFiles(t, func(path string, tree *ast.File) {
		for _, c := range tree.Comments {
			for _, name := range code.FindAllString(c.Text(), -1) {
				if !known[name] {
					t.Errorf("%s: a comment names %s, which neither security.md nor clauses.md has", path, name)
				}
			}
		}
	})
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantFile(t *testing.T, document, name string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join("..", name)); err != nil {
		t.Errorf("%s names %s, which does not exist", document, name)
	}
}

// testsOfTheModule holds the names of all test functions.
func testsOfTheModule(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range declared.FindAllStringSubmatch(string(text), -1) {
			known[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}
