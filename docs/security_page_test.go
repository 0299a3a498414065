package docs_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// row is one line of a table of docs/security.md or docs/clauses.md.
type row struct {
	header string // of its table, as in "clause | what we do | where | test"
	cells  []string
}

// securityPage returns docs/security.md and docs/clauses.md as one text, and the rows of their
// tables.
func securityPage(t *testing.T) (text string, rows []row) {
	t.Helper()
	text = read(t, "docs/security.md") + "\n" + read(t, "docs/clauses.md")
	header, inTable := "", false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| ") {
			inTable = inTable && strings.HasPrefix(line, "|---")
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if !inTable {
			header, inTable = strings.Join(cells, " | "), true
			continue
		}
		rows = append(rows, row{header, cells})
	}
	return text, rows
}

// of returns the rows of the tables with that header.
func of(rows []row, header string) (some []row) {
	for _, r := range rows {
		if r.header == header {
			some = append(some, r)
		}
	}
	return some
}

var quoted = regexp.MustCompile("`([^`\n]+)`")

// named returns what stands between backquotes.
func named(text string) (names []string) {
	for _, found := range quoted.FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	return names
}

// place returns the path of a file or folder that the page names, below the module's root or below
// internal.
func place(name string) (path string, exists bool) {
	for _, path := range []string{filepath.Join("..", "internal", name), filepath.Join("..", name)} {
		if _, err := os.Stat(path); err == nil {
			return path, true
		}
	}
	return "", false
}

// nowhere is no system, so that only files match it that need none, and no tag.
var nowhere = build.Context{GOOS: "none", GOARCH: "none", Compiler: "gc"}

// testsIn returns the top-level tests of a folder that run everywhere, and the strings that stand
// in its test files.
func testsIn(t *testing.T, dir string) (tests, strs map[string]bool) {
	t.Helper()
	tests, strs = map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		always, err := nowhere.MatchFile(dir, filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		tree := parsed(t, file)
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && always && strings.HasPrefix(f.Name.Name, "Test") &&
				f.Name.Name != "TestMain" {
				tests[f.Name.Name] = true
			}
		}
		for _, s := range literals(tree) {
			strs[s] = true
		}
	}
	return tests, strs
}

func parsed(t *testing.T, file string) *ast.File {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// literals returns the strings in a file, without their quotes.
func literals(tree *ast.File) (strs []string) {
	ast.Inspect(tree, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			strs = append(strs, strings.Trim(l.Value, "`\""))
		}
		return true
	})
	return strs
}

// goFiles calls f with every Go file of the module, by its path below the root.
func goFiles(t *testing.T, f func(path string, tree *ast.File)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() &&
			(entry.Name() == "node_modules" || entry.Name() == ".git" || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(path, ".go") {
			f(filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator))), parsed(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
