package internal

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// A line of Go has at most 120 characters, a comment 100, a tab counting as one. A line that holds
// a whole raw string may be longer: neither it nor a struct tag can be broken.
func TestNoLineIsTooLong(t *testing.T) {
	goFiles(t, func(path string, text []byte) {
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			line, limit := strings.TrimSuffix(line, "\n"), 120
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				limit = 100
			}
			if length := utf8.RuneCountInString(line); length > limit && strings.Count(line, "`") < 2 {
				t.Errorf("%s:%d: got %d characters, want at most %d", path, number, length, limit)
			}
		}
	})
}

func TestNoFileAndNoFunctionIsTooLong(t *testing.T) {
	goFiles(t, func(path string, text []byte) {
		if lines := bytes.Count(text, []byte("\n")); lines > 300 {
			t.Errorf("%s: got %d lines, want at most 300", path, lines)
		}
		if strings.HasSuffix(path, "_test.go") {
			return // a table of cases is one function
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			f, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			first, last := files.Position(f.Pos()).Line, files.Position(f.End()).Line
			if lines := last - first + 1; lines > 50 {
				t.Errorf("%s:%d: %s: got %d lines, want at most 50", path, first, f.Name.Name, lines)
			}
		}
	})
}

// goFiles calls check with every Go file of the module.
func goFiles(t *testing.T, check func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			check(path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
