package page

import (
	"fmt"
	"html/template"
	"strings"
	"sync"

	"hookandtag.example/shop/internal/catalog"
)

// fixedParts keeps parts of pages that no visitor changes, as they are in the answers: a drawing, a
// product's text, the foot.
//
// A part depends on its template and on its key alone, so it can never be out of date: a product
// that changes is another key. A key holds nothing of a visitor, which its types see to. When the
// parts fill their share of memory, all of them are forgotten.
type fixedParts struct {
	render func(w *strings.Builder, name string, value any) error
	mu     sync.RWMutex
	parts  map[fixedKey]template.HTML
	size   int
}

type fixedKey struct {
	name  string // of the template
	value any    // nil, catalog.Product, catalog.Room or drawing
}

// maxFixed is how many bytes of parts are kept: those of about 10,000 products.
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
	part = template.HTML(b.String())
	f.keep(key, part)
	return part, nil
}

func (f *fixedParts) keep(key fixedKey, part template.HTML) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.parts == nil || f.size > maxFixed {
		f.parts, f.size = map[fixedKey]template.HTML{}, 0
	}
	f.parts[key] = part
	f.size += len(part)
}
