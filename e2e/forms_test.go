package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// presses presses the link or button of that name, and waits for the page it leads to.
func (v *shopper) presses(name string) {
	v.t.Helper()
	v.pressed++
	x, y := v.reaches(v.finds(name, "button", "link"))
	v.waits("press "+name, chromedp.MouseClickXY(x, y))
}

// types puts text into the field with that label, replacing what was there.
func (v *shopper) types(label, text string) {
	v.t.Helper()
	field := v.finds(label, "textbox", "searchbox", "spinbutton")
	call(v, dom.Focus, dom.FocusParams{BackendNodeID: field})
	on[any](v, field, "function() { this.select() }")
	call(v, input.InsertText, input.InsertTextParams{Text: text})
	if got := on[string](v, field, "function() { return this.value }"); got != text {
		v.t.Fatalf("the field %q holds %q after typing %q", label, got, text)
	}
}

// holds checks what stands in the field with that label.
func (v *shopper) holds(label, want string) {
	v.t.Helper()
	if got := on[string](v, v.finds(label, "textbox", "searchbox", "spinbutton"),
		"function() { return this.value }"); got != want {
		v.t.Fatalf("the field %q holds %q, want %q", label, got, want)
	}
}

// ticks presses a radio button or a box to tick.
func (v *shopper) ticks(label string) {
	v.t.Helper()
	v.pressed++
	x, y := v.reaches(v.finds(label, "radio", "checkbox"))
	v.does(chromedp.MouseClickXY(x, y))
}

// chooses takes an option of the list with that label; a number in brackets may follow its name.
func (v *shopper) chooses(label, option string) {
	v.t.Helper()
	found := on[bool](v, v.finds(label, "combobox"), `function(text) {
		const option = [...this.options].find(o => o.text.replace(/ \(\d+\)$/, "") === text)
		if (option) option.selected = true
		return Boolean(option)
	}`, option)
	if !found {
		v.t.Fatalf("the list %q has no %q", label, option)
	}
}

// has reports whether there is a link or button of that name.
func (v *shopper) has(name string) bool {
	v.t.Helper()
	node, _ := v.search(name, "button", "link")
	return node != 0
}

// finds returns the element of one of these roles whose accessible name is name, or begins with it
// if none is.
func (v *shopper) finds(name string, roles ...string) cdp.BackendNodeID {
	v.t.Helper()
	node, names := v.search(name, roles...)
	if node == 0 {
		v.t.Fatalf("%s has no %s %q, only %q", v.address(), strings.Join(roles, " or "), name, names)
	}
	return node
}

func (v *shopper) search(name string, roles ...string) (node cdp.BackendNodeID, names []string) {
	v.t.Helper()
	document := call(v, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"}).Result.ObjectID
	query := accessibility.QueryAXTreeParams{ObjectID: document, AccessibleName: name}
	for _, n := range call(v, accessibility.QueryAXTree, query).Nodes { // most names are whole
		if !n.Ignored && n.BackendDOMNodeID != 0 && slices.Contains(roles, textOf(n.Role)) {
			return n.BackendDOMNodeID, nil
		}
	}
	var nodes []cdp.BackendNodeID
	for _, role := range roles { // asked for one by one: the whole tree is large
		query := accessibility.QueryAXTreeParams{ObjectID: document, Role: role}
		for _, n := range call(v, accessibility.QueryAXTree, query).Nodes {
			if !n.Ignored && n.BackendDOMNodeID != 0 {
				nodes, names = append(nodes, n.BackendDOMNodeID), append(names, textOf(n.Name))
			}
		}
	}
	i := slices.Index(names, name)
	if i < 0 {
		i = slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, name) })
	}
	if i < 0 {
		return 0, names
	}
	return nodes[i], names
}

func textOf(value *accessibility.Value) string {
	var text string
	if value != nil {
		_ = json.Unmarshal(value.Value, &text) // what is no text is none
	}
	return strings.ReplaceAll(words(text), " :", ":") // hidden words are said after a pause
}

// reaches scrolls to an element and returns its middle, where the mouse must really hit it and
// nothing that lies on top.
func (v *shopper) reaches(node cdp.BackendNodeID) (x, y float64) {
	v.t.Helper()
	call(v, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: node})
	quads := call(v, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: node}).Quads
	if len(quads) == 0 || len(quads[0]) != 8 {
		v.t.Fatalf("an element to press at %s has no place on the screen", v.address())
	}
	q := quads[0]
	x, y = (q[0]+q[4])/2, (q[1]+q[5])/2
	if top := on[string](v, node, `function(x, y) {
		const hit = document.elementFromPoint(x, y)
		return this.contains(hit) || hit?.closest("label")?.control === this ? "" : String(hit?.outerHTML)
	}`, x, y); top != "" {
		v.t.Fatalf("at %s the mouse hits %s instead", v.address(), top)
	}
	return x, y
}

// on calls a JavaScript function with an element as its this.
func on[T any](v *shopper, node cdp.BackendNodeID, function string, args ...any) T {
	v.t.Helper()
	object := call(v, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: node}).Object.ObjectID
	answer := call(v, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: fmt.Sprintf("function() { return (%s).apply(this, %s) }", function, v.list(args)),
		ObjectID:            object, ReturnByValue: new(true),
	})
	if answer.ExceptionDetails != nil {
		v.t.Fatalf("%s: %s", function, answer.ExceptionDetails.Text)
	}
	var value T
	if len(answer.Result.Value) > 0 {
		if err := json.Unmarshal(answer.Result.Value, &value); err != nil {
			v.t.Fatalf("%s: %v", function, err)
		}
	}
	return value
}
