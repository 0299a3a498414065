package page

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"hookandtag.example/shop/internal/catalog"
)

// fixedParts keeps what no visitor changes, as it is in the answers: a drawing, the foot, and pages
// of the catalogue with gaps for what is a visitor's own.
//
// A part depends on its template and on its key alone, so it can never be out of date: a product
// that changes is another key. Pages are of one catalogue and forgotten with it. When all of it
// fills its share of memory, all of it is forgotten.
//
// Nothing of a visitor is in here: a part is made of types that cannot hold any, and a page is
// rendered from common. Of a visitor's own parts those that show no more than numbers are kept once
// for all visitors with the same numbers.
type fixedParts struct {
	render func(w *strings.Builder, name string, value any) error
	mu     sync.RWMutex
	parts  map[fixedKey]template.HTML
	of     *catalog.Snapshot // what the pages show
	pages  map[pageKey][]piece
	own    map[ownKey][]byte
	size   int // of all, in bytes
	paged  int // of the pages alone
}

type fixedKey struct {
	name  string // of the template
	value any    // nil, catalog.Product, catalog.Room or drawing
}

// pageKey is everything that a page depends on beside the catalogue and its visitor.
type pageKey struct {
	name    string // of the template
	head    head
	product int64
	search  catalog.Search
}

// ownKey is everything that a visitor's own part depends on if it shows nothing they typed.
type ownKey struct {
	page, part string // their templates
	numbers    numbers
}

// numbers are what a page shows of a visitor in numbers and switches.
type numbers struct {
	unknown, cartUnknown, signedIn bool
	cartUnits, inCart              int
}

// head is what a layout holds that is the same for everyone.
type head struct {
	title, description, path, canonical, picture, socialCard string
	noIndex, lessons                                         bool
}

// piece is a piece of a page and the template of the visitor's own part that follows it; "" at the
// end.
type piece struct{ html, own string }

// maxFixed is how many bytes are kept: the pages of about 2,000 products.
const maxFixed = 48 << 20

// part returns a template's output for a value, rendered at most once while it is kept. It fails
// for a value of a type that could hold something of a visitor.
func (f *fixedParts) part(name string, values ...any) (template.HTML, error) {
	key := fixedKey{name: name}
	if len(values) == 1 {
		key.value = values[0]
	}
	switch key.value.(type) {
	case nil, catalog.Product, catalog.Room, drawing:
	default:
		return "", fmt.Errorf("fixed part %s: a %T may hold something of a visitor", name, key.value)
	}
	f.mu.RLock()
	part, ok := f.parts[key]
	f.mu.RUnlock()
	if ok {
		return part, nil
	}
	var b strings.Builder
	if err := f.render(&b, name, key.value); err != nil {
		return "", err
	}
	part = template.HTML(strings.Clone(b.String())) // without what the builder holds in reserve
	f.mu.Lock()
	defer f.mu.Unlock()
	f.makeRoom(len(part))
	f.parts[key] = part
	return part, nil
}

// gap stands on both sides of the name of a visitor's own part. No text holds a NUL: templates
// escape it.
const gap = "\x00"

// page returns the pieces of a page, rendered at most once while the catalogue stays as it is.
func (f *fixedParts) page(t *template.Template, of *catalog.Snapshot, key pageKey, p Page) ([]piece, error) {
	f.mu.RLock()
	kept, ok := f.pages[key]
	ok = ok && f.of == of
	f.mu.RUnlock()
	if ok {
		return kept, nil
	}
	common := p.common(numbers{})
	section := p.Section()
	common.layout().section = &section
	common.layout().own = func(name string) (template.HTML, error) { return template.HTML(gap + name + gap), nil }
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", common); err != nil {
		return nil, err
	}
	var pieces []piece
	texts := strings.Split(b.String(), gap)
	for i := 0; i < len(texts); i += 2 {
		next := piece{html: texts[i]}
		if i+1 < len(texts) {
			next.own = texts[i+1]
		}
		pieces = append(pieces, next)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of != of {
		f.of, f.pages, f.size, f.paged = of, map[pageKey][]piece{}, f.size-f.paged, 0
	}
	f.makeRoom(b.Len())
	f.pages[key], f.paged = pieces, f.paged+b.Len()
	return pieces, nil
}

// ownPart returns a visitor's own part, rendered at most once while it is kept.
func (f *fixedParts) ownPart(key ownKey, render func() ([]byte, error)) ([]byte, error) {
	f.mu.RLock()
	part, ok := f.own[key]
	f.mu.RUnlock()
	if ok {
		return part, nil
	}
	part, err := render()
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.makeRoom(len(part))
	f.own[key] = part
	return part, nil
}

// makeRoom counts size bytes more, and forgets everything if that is too much.
func (f *fixedParts) makeRoom(size int) {
	if f.parts == nil || f.size+size > maxFixed {
		f.parts, f.pages, f.own = map[fixedKey]template.HTML{}, map[pageKey][]piece{}, map[ownKey][]byte{}
		f.size, f.paged = 0, 0
	}
	f.size += size
}
