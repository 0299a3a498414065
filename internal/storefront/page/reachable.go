package page

import (
	"fmt"
	"html/template"
	"text/template/parse"
)

// addPage moves the templates that a page can reach from all: the layout, those of the page's file,
// and what they call. A page with a copy of all of them would take 400 KB. Nothing else may use all
// afterwards: html/template changes a template when it escapes it.
func addPage(page, all *template.Template, file string) error {
	for _, t := range all.Templates() {
		if t.Name() != "layout" && (t.Tree == nil || t.Tree.ParseName != file) {
			continue
		}
		if err := addReachable(page, all, t.Name()); err != nil {
			return err
		}
	}
	return nil
}

// addReachable moves a template and what it calls.
func addReachable(page, all *template.Template, name string) error {
	if page.Lookup(name) != nil {
		return nil
	}
	t := all.Lookup(name)
	if t == nil || t.Tree == nil {
		return fmt.Errorf("no template %q", name)
	}
	if _, err := page.AddParseTree(name, t.Tree); err != nil {
		return err
	}
	return eachCall(t.Tree.Root, func(called string) error { return addReachable(page, all, called) })
}

// eachCall calls f with the name of each template that a node calls.
func eachCall(n parse.Node, f func(name string) error) error {
	inBranches := func(b parse.BranchNode) error {
		if err := eachCall(b.List, f); err != nil {
			return err
		}
		return eachCall(b.ElseList, f)
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil { // no else
			return nil
		}
		for _, one := range n.Nodes {
			if err := eachCall(one, f); err != nil {
				return err
			}
		}
	case *parse.IfNode:
		return inBranches(n.BranchNode)
	case *parse.RangeNode:
		return inBranches(n.BranchNode)
	case *parse.WithNode:
		return inBranches(n.BranchNode)
	case *parse.TemplateNode:
		return f(n.Name)
	}
	return nil
}
