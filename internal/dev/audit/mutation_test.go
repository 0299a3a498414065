package audit_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/dev/audit"
)

const root = "../../.."

func list(t *testing.T) []audit.Mutation {
	t.Helper()
	all, err := audit.List(root)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryMutationFitsTheCode(t *testing.T) {
	t.Parallel()
	defer func() {
		if t.Failed() {
			t.Log("a check has moved or changed: bring internal/dev/audit/mutations up to date, then run `go run ./cmd/dev audit --only <name>`")
		}
	}()
	seen := map[string]bool{}
	for _, m := range list(t) {
		if seen[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		seen[m.Name] = true
		changed, err := m.Apply(root)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		for file, content := range changed {
			if !strings.HasSuffix(file, ".go") {
				continue
			}
			if _, err := parser.ParseFile(token.NewFileSet(), file, content, parser.SkipObjectResolution); err != nil {
				t.Errorf("%s: %v", m.Name, err)
			}
		}
		for _, p := range m.Packages {
			if tests, _ := filepath.Glob(filepath.Join(root, p, "*_test.go")); len(tests) == 0 {
				t.Errorf("%s: %s has no tests", m.Name, p)
			}
		}
	}
}

func TestTheReportListsExactlyTheMutations(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "audit.md"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if t.Failed() {
			t.Log("run `go run ./cmd/dev audit --new`, which writes the page")
		}
	}()
	all := list(t)
	rows := audit.Parse(all, string(text))
	for _, m := range all {
		r, ok := rows[m.Name]
		switch {
		case !ok:
			t.Errorf("docs/audit.md tells nothing of %s", m.Name)
		case r.Fault() || (r.Verdict == audit.Unseen) != (m.Unseen != ""):
			t.Errorf("docs/audit.md says that %s %s", m.Name, r.Verdict)
		case r.Verdict == audit.Killed && !exists(t, r.By):
			t.Errorf("docs/audit.md names %s in %s for %s, and there is no such test", r.By.Name, r.By.Package, m.Name)
		}
	}
	if want := audit.Report(all, rows); want != string(text) {
		t.Error("docs/audit.md is not what the list and its own results make")
	}
}

// exists reports whether a test is there, by its function.
func exists(t *testing.T, test audit.Test) bool {
	t.Helper()
	if test.Name == audit.EveryTest {
		return true
	}
	name, _, _ := strings.Cut(test.Name, "/")
	files, err := filepath.Glob(filepath.Join(root, test.Package, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
