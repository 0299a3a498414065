// Package mutation asks whether the tests notice a missing check. It finds the checks in the code
// by itself, takes one out at a time and runs the tests: at least one has to fail. The work tree is
// never changed; the go command reads the mutated file instead of the real one.
//
// Four kinds of checks are found in the guarded packages, so that a check is guarded from the
// moment it is written and a rename breaks nothing:
//
//   - a condition of an if, a case or a returned comparison: it holds always, then never;
//   - a condition of a SQL statement, between WHERE, ON or AND and what follows: it holds always;
//   - FOR UPDATE, FOR SHARE: the lock is not taken;
//   - a statement or a field whose line ends with the clause it meets ("// ASVS 3.3.1"): left out.
//
// A comment "unseen: reason" on the line above says why no test can see the difference.
package mutation

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Mutation takes one check out of the shop.
type Mutation struct {
	Name     string   // file, function, the text of the check, what becomes of it
	Clause   string   // the requirement its line names; may be empty
	Packages []string // whose tests have to fail, asked in this order, as in "./internal/auth"
	Unseen   string   // why no test can see the difference; empty for all but a few
	File     string   // from the top of the tree, with slashes
	From, To int      // the bytes of the file that Text replaces
	Text     string
}

// Apply returns the mutated content of the mutation's file.
func (m Mutation) Apply(root string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.File)))
	if err != nil {
		return "", err
	}
	if m.From < 0 || m.To > len(raw) || m.From > m.To {
		return "", fmt.Errorf("%s is %d bytes long, want at least %d", m.File, len(raw), m.To)
	}
	return string(raw[:m.From]) + m.Text + string(raw[m.To:]), nil
}

// guarded are the packages whose checks are taken out, and the packages whose tests have to notice,
// asked in this order.
var guarded = []struct {
	dir   string
	tests []string
}{
	{"internal/keyring", []string{"./internal/keyring", "./internal/auth", "./internal/session"}},
	{"internal/auth", []string{"./internal/auth", "./internal/storefront", "./internal/app"}},
	{"internal/session", []string{"./internal/session", "./internal/storefront", "./internal/app"}},
	{"internal/postgres",
		[]string{"./internal/postgres", "./internal/session", "./internal/storefront", "./internal/app"}},
	{"internal/middleware", []string{"./internal/middleware", "./internal/storefront", "./internal/app"}},
	{"internal/storefront", []string{"./internal/storefront", "./internal/app", "./e2e"}},
}

// List returns every mutation of the tree, in the order of the packages above, then of file and
// line.
func List(root string) ([]Mutation, error) {
	var all []Mutation
	for _, g := range guarded {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(g.dir), "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			raw, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			made, err := find(path.Join(g.dir, filepath.Base(file)), string(raw))
			if err != nil {
				return nil, err
			}
			for _, m := range made {
				m.Packages = present(root, g.tests)
				all = append(all, m)
			}
		}
	}
	return all, nil
}

// present returns the packages that the tree holds.
func present(root string, packages []string) []string {
	return slices.DeleteFunc(slices.Clone(packages), func(p string) bool {
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(p)))
		return err != nil
	})
}
