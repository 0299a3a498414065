package mutation

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
)

// clause is how a comment begins that names the requirement its line meets.
var clause = regexp.MustCompile(`^// ((?:ASVS|RFC|OIDC|NIST|OWASP|WCAG|CSP|Fetch Metadata)\b.*)$`)

// source is one file while its checks are collected.
type source struct {
	name, text string
	files      *token.FileSet
	within     string         // the function being read
	clauses    map[int]string // by line
	unseen     map[int]string // by the line it holds for
	used       map[string]int
	made       []Mutation
}

// find returns the mutations of one Go file.
func find(name, text string) ([]Mutation, error) {
	s := &source{
		name: name, text: text, files: token.NewFileSet(),
		clauses: map[int]string{}, unseen: map[int]string{}, used: map[string]int{},
	}
	tree, err := parser.ParseFile(s.files, name, text, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	s.comments(tree)
	for _, d := range tree.Decls {
		s.within = "file"
		if f, ok := d.(*ast.FuncDecl); ok {
			s.within = f.Name.Name
		}
		ast.Inspect(d, s.node)
	}
	return s.made, nil
}

func (s *source) comments(tree *ast.File) {
	for _, group := range tree.Comments {
		for _, c := range group.List {
			line := s.files.Position(c.Pos()).Line
			if found := clause.FindStringSubmatch(c.Text); found != nil && !s.alone(c.Pos()) {
				s.clauses[line] = found[1]
			}
			if reason, ok := strings.CutPrefix(c.Text, "// unseen: "); ok {
				s.unseen[s.files.Position(group.End()).Line+1] = reason
			}
		}
	}
}

// alone reports whether nothing but white space stands before p on its line.
func (s *source) alone(p token.Pos) bool {
	at := s.files.Position(p)
	return strings.TrimSpace(s.text[at.Offset-at.Column+1:at.Offset]) == ""
}

func (s *source) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IfStmt:
		s.condition(n.Cond)
	case *ast.SwitchStmt:
		s.cases(n)
	case *ast.ReturnStmt:
		for _, e := range n.Results {
			if decides(e) {
				s.condition(e)
			}
		}
	case *ast.ExprStmt, *ast.DeferStmt:
		s.marked(n, 0)
	case *ast.AssignStmt:
		if n.Tok == token.ASSIGN {
			s.marked(n, 0)
		}
	case *ast.KeyValueExpr:
		s.marked(n, len(","))
	case *ast.BasicLit:
		if n.Kind == token.STRING {
			s.statement(n)
		}
	}
	return true
}

func (s *source) cases(n *ast.SwitchStmt) {
	for _, c := range n.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			if n.Tag == nil {
				s.condition(e)
			}
		}
	}
}

// decides reports whether an expression is a comparison or joins conditions.
func decides(e ast.Expr) bool {
	b, ok := e.(*ast.BinaryExpr)
	return ok && (b.Op == token.LAND || b.Op == token.LOR || b.Op.Precedence() == token.EQL.Precedence())
}

// condition takes a condition apart and makes two mutations of each part.
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
	from, to := s.span(e)
	text := s.text[from:to]
	if text == "err != nil" {
		return // the callee has judged; its own conditions are taken out there
	}
	s.add(from, to, "always", "("+text+" || true)")
	s.add(from, to, "never", "("+text+" && false)")
}

// marked leaves out a statement or a field whose line names a clause; extra bytes go with it.
func (s *source) marked(n ast.Node, extra int) {
	from, to := s.span(n)
	if s.clauses[s.files.Position(n.End()).Line] == "" {
		return
	}
	if strings.HasPrefix(s.text[to:], ",") {
		to += extra
	}
	s.add(from, to, "left out", s.uses(n))
}

// uses keeps what a left out assignment or call mentions in use, so that the rest still compiles.
func (s *source) uses(n ast.Node) string {
	if _, field := n.(*ast.KeyValueExpr); field {
		return ""
	}
	var kept []string
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == "err" {
			kept = append(kept, "_ = err")
		}
		return true
	})
	return strings.Join(kept[:min(len(kept), 1)], "")
}

func (s *source) span(n ast.Node) (from, to int) {
	return s.files.Position(n.Pos()).Offset, s.files.Position(n.End()).Offset
}

func (s *source) add(from, to int, done, instead string) {
	line := 1 + strings.Count(s.text[:from], "\n")
	shown := strings.Join(strings.Fields(s.text[from:to]), " ")
	name := fmt.Sprintf("%s %s: %s: %s", s.name, s.within, shown, done)
	if s.used[name]++; s.used[name] > 1 {
		name += fmt.Sprintf(" (%d)", s.used[name])
	}
	s.made = append(s.made, Mutation{
		Name: name, Clause: s.clauses[line], Unseen: s.unseen[line],
		File: s.name, From: from, To: to, Text: instead,
	})
}
