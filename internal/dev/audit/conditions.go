package audit

import (
	"bufio"
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Beside the lists, which say in words what a check is for, stands every other condition of the packages that hold the sessions and the
// sign-in: it is made to hold always, and then never. So no check can be added there that nothing asks about.

// guarded are those packages, and whose tests have to see it, asked in this order.
var guarded = []struct {
	part, dir string
	tests     []string
}{
	{"auth-conditions", "internal/auth", []string{"./internal/auth", "./internal/storefront", "./internal/app"}},
	{"session-conditions", "internal/session", []string{"./internal/session", "./internal/storefront", "./internal/app"}},
}

// reasons say which of these mutations no test can see, and why.
//
//go:embed conditions.txt
var reasons string

// conditions returns the mutations of every condition that no listed mutation changes.
func conditions(root string, listed []Mutation) ([]Mutation, error) {
	why, err := parseReasons(reasons)
	if err != nil {
		return nil, fmt.Errorf("conditions.txt: %w", err)
	}
	var all []Mutation
	for _, g := range guarded {
		files, err := filepath.Glob(filepath.Join(root, g.dir, "*.go"))
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
			s := source{name: path.Join(g.dir, filepath.Base(file)), text: string(raw), used: map[string]int{}}
			if err := s.read(listed); err != nil {
				return nil, err
			}
			for _, m := range s.made {
				m.Name, m.Packages = g.part+"/"+m.Name, g.tests
				m.Unseen = why[m.Name]
				delete(why, m.Name)
				all = append(all, m)
			}
		}
	}
	for name := range why {
		return nil, fmt.Errorf("conditions.txt tells of %q, and there is no such mutation", name)
	}
	return all, nil
}

// parseReasons reads paragraphs: a reason, and below it, each after a dash, the mutations it holds for.
func parseReasons(text string) (map[string]string, error) {
	why := map[string]string{}
	reason := ""
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		name, isName := strings.CutPrefix(lines.Text(), "- ")
		switch {
		case strings.HasPrefix(lines.Text(), "#"):
		case lines.Text() == "":
			reason = ""
		case !isName:
			reason = strings.TrimSpace(reason + " " + lines.Text())
		case reason == "" || why[name] != "":
			return nil, fmt.Errorf("%q has no reason, or two", name)
		default:
			why[name] = reason
		}
	}
	return why, lines.Err()
}

// source is one file while its conditions are collected.
type source struct {
	name, text string
	listed     [][2]int // from where to where a listed mutation changes it
	files      *token.FileSet
	within     string // the function
	used       map[string]int
	made       []Mutation
}

func (s *source) read(listed []Mutation) error {
	for _, m := range listed {
		for _, e := range m.Edits {
			if at := strings.Index(s.text, e.Old); e.File == s.name && at >= 0 {
				s.listed = append(s.listed, [2]int{at, at + len(e.Old)})
			}
		}
	}
	s.files = token.NewFileSet()
	tree, err := parser.ParseFile(s.files, s.name, s.text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			s.within = f.Name.Name
			ast.Inspect(f, s.statement)
		}
	}
	return nil
}

// statement looks at what decides: an if, a case, a comparison that is returned.
func (s *source) statement(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IfStmt:
		s.condition(n.Cond)
	case *ast.SwitchStmt:
		for _, c := range n.Body.List {
			for _, e := range c.(*ast.CaseClause).List {
				if n.Tag == nil {
					s.condition(e)
				}
			}
		}
	case *ast.ReturnStmt:
		for _, e := range n.Results {
			if b, ok := e.(*ast.BinaryExpr); ok && (b.Op == token.LAND || b.Op == token.LOR || b.Op.Precedence() == token.EQL.Precedence()) {
				s.condition(e)
			}
		}
	}
	return true
}

// condition takes a condition apart, and makes two mutations of each part: one where it always holds, one where it never does.
func (s *source) condition(e ast.Expr) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		s.condition(e.X)
		return
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			s.condition(e.X)
			s.condition(e.Y)
			return
		}
	}
	from, to := s.files.Position(e.Pos()).Offset, s.files.Position(e.End()).Offset
	for _, l := range s.listed {
		if l[0] < to && l[1] > from {
			return
		}
	}
	text := s.text[from:to]
	if text == "err != nil" {
		return // what is called has judged; where that is a check of ours, it stands in a list
	}
	s.make(from, to, "always", "("+text+" || true)")
	s.make(from, to, "never", "("+text+" && false)")
}

func (s *source) make(from, to int, when, instead string) {
	shown := strings.ReplaceAll(strings.Join(strings.Fields(s.text[from:to]), " "), "`", "'")
	name := fmt.Sprintf("%s %s: %s: %s", path.Base(s.name), s.within, shown, when)
	if s.used[name]++; s.used[name] > 1 {
		name += fmt.Sprintf(" (%d)", s.used[name])
	}
	begin := from
	for strings.Count(s.text, s.text[begin:to]) > 1 {
		begin--
	}
	s.made = append(s.made, Mutation{
		Name: name, What: "This condition " + when + " holds.", Clause: "-", Edits: []Edit{{File: s.name, Old: s.text[begin:to], New: s.text[begin:from] + instead}},
	})
}
