// Package audit asks whether the tests bite. It keeps a list of mutations, each of which takes one check out of the shop, and runs
// the tests without that check: at least one of them has to fail. The work tree is never changed; the go command is shown the
// mutated files in place of the real ones.
package audit

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Mutation takes one check out of the shop.
type Mutation struct {
	Name     string   // the list it stands in, a slash, and its own name
	What     string   // one sentence: what is no longer so
	Clause   string   // which requirement the check meets
	Packages []string // whose tests have to fail, asked in this order, as in "./internal/auth"
	First    string   // the test of the first package that is meant to fail and so is asked first; may be empty
	Edits    []Edit   // at least one
	Unseen   string   // why no test can see the difference; empty for all but a few
}

// Edit replaces a text that stands exactly once in a file.
type Edit struct {
	File     string // from the top of the tree, with slashes
	Old, New string
}

//go:embed mutations/*.txt
var lists embed.FS

// List returns every mutation of the tree: those of the lists, in the order of the lists' names and, within a list, as written there, and
// then those of the other conditions in the packages that hold the sessions and the sign-in.
func List(root string) ([]Mutation, error) {
	names, err := fs.Glob(lists, "mutations/*.txt")
	if err != nil {
		return nil, err
	}
	var all []Mutation
	for _, name := range names {
		text, err := lists.ReadFile(name)
		if err != nil {
			return nil, err
		}
		some, err := parse(strings.TrimSuffix(path.Base(name), ".txt"), string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		all = append(all, some...)
	}
	rest, err := conditions(root, all)
	return append(all, rest...), err
}

// Apply returns the mutated content of each file the mutation changes, by the file's path in the tree. It fails when a text to be
// replaced does not stand exactly once in its file: then the code has changed and the list has to follow.
func (m Mutation) Apply(root string) (map[string]string, error) {
	changed := map[string]string{}
	for _, e := range m.Edits {
		content, ok := changed[e.File]
		if !ok {
			raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(e.File)))
			if err != nil {
				return nil, err
			}
			content = string(raw)
		}
		if n := strings.Count(content, e.Old); n != 1 {
			return nil, fmt.Errorf("%s holds this text %d times, want once: %s", e.File, n, e.Old)
		}
		changed[e.File] = strings.Replace(content, e.Old, e.New, 1)
	}
	return changed, nil
}

// list is a list of mutations while it is read.
type list struct {
	name   string
	tests  []string // what a mutation's tests are unless it names others
	read   []Mutation
	file   string // the file of the next edit
	edit   *Edit  // being read, nil between edits
	filled bool   // the new text of edit has begun
}

// parse reads a list. Its form is told at the top of each list.
func parse(name, text string) ([]Mutation, error) {
	l := &list{name: name}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		if err := l.line(lines.Text()); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	for _, m := range l.read {
		if err := m.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return l.read, lines.Err()
}

func (l *list) line(text string) error {
	begin, isName := strings.CutPrefix(text, "== ")
	switch {
	case strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#"):
		l.edit = nil
		return nil
	case isName:
		l.edit, l.file = nil, ""
		l.read = append(l.read, Mutation{Name: l.name + "/" + begin, Packages: l.tests})
		return nil
	case len(l.read) == 0:
		tests, ok := strings.CutPrefix(text, "tests: ")
		if !ok {
			return errors.New("a list begins with the line that names its tests")
		}
		l.tests = strings.Fields(tests)
		return nil
	case text[0] == '-' || text[0] == '+':
		return l.change(text[0], strings.TrimPrefix(text[1:], " "))
	}
	l.property(text)
	return nil
}

// change takes one line of an edit: of the old text with a minus, of the new one with a plus.
func (l *list) change(sign byte, text string) error {
	m := &l.read[len(l.read)-1]
	if sign == '+' {
		if l.edit == nil {
			return errors.New("a new text without an old one")
		}
		if l.filled {
			l.edit.New += "\n"
		}
		l.edit.New += text
		l.filled = true
		return nil
	}
	if l.edit == nil || l.filled {
		m.Edits = append(m.Edits, Edit{File: l.file, Old: text})
		l.edit, l.filled = &m.Edits[len(m.Edits)-1], false
		return nil
	}
	l.edit.Old += "\n" + text
	return nil
}

func (l *list) property(text string) {
	m := &l.read[len(l.read)-1]
	word, value, _ := strings.Cut(text, ": ")
	switch word {
	case "clause":
		m.Clause = value
	case "tests":
		m.Packages = strings.Fields(value)
	case "first":
		m.First = value
	case "file":
		l.edit, l.file = nil, value
	case "unseen":
		m.Unseen = value
	default:
		m.What = strings.TrimSpace(m.What + " " + text)
	}
}

func (m Mutation) check() error {
	switch {
	case m.What == "":
		return errors.New("does not say what is taken out")
	case m.Clause == "":
		return errors.New("names no clause")
	case len(m.Packages) == 0:
		return errors.New("names no tests")
	case len(m.Edits) == 0:
		return errors.New("changes nothing")
	}
	for _, e := range m.Edits {
		if e.File == "" || e.Old == "" || e.Old == e.New {
			return fmt.Errorf("an edit without a file, without an old text or without a change: %q", e.Old)
		}
	}
	return nil
}
