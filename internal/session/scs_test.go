package session_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// parsed returns the package's files without its tests, by name.
func parsed(t *testing.T) map[string]*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

func TestOneFileUsesSCS(t *testing.T) {
	t.Parallel()
	files := parsed(t)
	if _, ok := files["scs.go"]; !ok {
		t.Fatal("got no scs.go")
	}
	for name, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				if strings.Contains(n.Path.Value, "alexedwards/scs") && name != "scs.go" {
					t.Errorf("%s imports scs, want scs.go alone", name)
				}
			case *ast.SelectorExpr:
				if n.Sel.Name == "scs" && name != "scs.go" {
					t.Errorf("%s uses the field scs, want scs.go alone", name)
				}
			}
			return true
		})
	}
}

// What a request knows and does stays in small values.
func TestNothingThatARequestChangesIsLarge(t *testing.T) {
	t.Parallel()
	var seen []string
	ast.Inspect(parsed(t)["request.go"], func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			seen = append(seen, spec.Name.Name)
			if n := s.Fields.NumFields(); n > 10 {
				t.Errorf("%s: got %d fields, want at most 10", spec.Name.Name, n)
			}
		}
		return true
	})
	if want := []string{"request", "sent", "found", "plan"}; !slices.Equal(slices.DeleteFunc(seen,
		func(s string) bool { return s == "requestKey" }), want) {
		t.Errorf("got %q, want %q", seen, want)
	}
}
