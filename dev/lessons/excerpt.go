// Package lessons writes what the tutorial derives from the source: the excerpts of code its pages
// show, and the lessons as documents.
package lessons

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"hookandtag.example/shop/internal/learn"
)

// maxLines is the most lines an excerpt may have.
const maxLines = 25

// Excerpts cuts the code a recipe shows out of the source below root, by the names of its
// functions.
func Excerpts(root string, r *learn.Recipe) (map[string]learn.Excerpt, error) {
	cut := map[string]learn.Excerpt{}
	for _, pair := range r.Code {
		for _, name := range []string{pair.Weak, pair.Strong} {
			if name == "" {
				continue
			}
			e, err := excerpt(root, name)
			if err != nil {
				return nil, fmt.Errorf("lesson %d: %w", r.Number, err)
			}
			cut[name] = e
		}
	}
	return cut, nil
}

// excerpt cuts out file#function, or file#variable, with its comment.
func excerpt(root, name string) (learn.Excerpt, error) {
	file, wanted, _ := strings.Cut(name, "#")
	source, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return learn.Excerpt{}, err
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, source, parser.ParseComments)
	if err != nil {
		return learn.Excerpt{}, err
	}
	for _, d := range parsed.Decls {
		if !declares(d, wanted) {
			continue
		}
		start, end := set.Position(begin(d)), set.Position(d.End())
		text := string(source[start.Offset:end.Offset])
		if n := strings.Count(text, "\n") + 1; n > maxLines {
			return learn.Excerpt{}, fmt.Errorf("%s has %d lines, a page shows at most %d", name, n, maxLines)
		}
		return learn.Excerpt{File: file, Line: start.Line, Text: strings.ReplaceAll(text, "\t", "    ")}, nil
	}
	return learn.Excerpt{}, fmt.Errorf("%s declares no %s", file, wanted)
}

func declares(d ast.Decl, wanted string) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name == wanted
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				if s.Names[0].Name == wanted {
					return true
				}
			case *ast.TypeSpec:
				if s.Name.Name == wanted {
					return true
				}
			}
		}
	}
	return false
}

// begin is where a declaration's comment begins.
func begin(d ast.Decl) token.Pos {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc != nil {
			return d.Doc.Pos()
		}
	case *ast.GenDecl:
		if d.Doc != nil {
			return d.Doc.Pos()
		}
	}
	return d.Pos()
}

// Write writes every file derived from the recipes below root and returns the paths of those that
// were stale.
func Write(root string) (changed []string, err error) {
	files, err := Files(root)
	if err != nil {
		return nil, err
	}
	for path, text := range files {
		path = filepath.Join(root, path)
		if was, err := os.ReadFile(path); err == nil && bytes.Equal(was, text) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return changed, err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return changed, err
		}
		changed = append(changed, path)
	}
	return changed, nil
}

// Files is every file derived from the recipes below root, by its path there.
func Files(root string) (map[string][]byte, error) {
	recipes, err := learn.ReadRecipes(os.DirFS(filepath.Join(root, "web/lessons")))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, r := range recipes {
		if r.Excerpts, err = Excerpts(root, r); err != nil {
			return nil, err
		}
		code, err := json.MarshalIndent(r.Excerpts, "", "\t")
		if err != nil {
			return nil, err
		}
		files[fmt.Sprintf("web/lessons/%s/code.json", r.Folder())] = append(code, '\n')
		files[fmt.Sprintf("docs/tutorial/%s.md", r.Folder())] = markdown(r)
	}
	files["docs/tutorial/README.md"] = index(recipes)
	return files, nil
}
