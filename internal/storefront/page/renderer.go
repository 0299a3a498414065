package page

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Renderer turns pages into answers. It is safe for concurrent use.
type Renderer struct {
	shared *template.Template // the layout and the partials
	pages  map[string]*template.Template
	fixed  fixedParts
}

// New parses every template of files: layout.html, partials/, drawings/ and pages/. Each
// page is the layout and the partials with the blocks of the page's file. A template that
// does not parse or calls one that is missing, a page without a template and a template
// without a page are errors, so that a broken one stops the program when it starts.
func New(files fs.FS, assets *Assets) (*Renderer, error) {
	r := &Renderer{pages: map[string]*template.Template{}}
	empty := template.New("").Funcs(functions(assets)).Funcs(template.FuncMap{"fixed": r.fixed.part})
	shared, err := template.Must(empty.Clone()).
		ParseFS(files, "layout.html", "partials/*.html", "drawings/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse shared templates: %w", err)
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("list page templates: %w", err)
	}
	for _, name := range names {
		all, err := template.Must(shared.Clone()).ParseFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", name, err)
		}
		t := template.Must(empty.Clone())
		if err := addPage(t, all, path.Base(name)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.pages[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	r.shared = shared
	r.fixed.render = func(w *strings.Builder, name string, value any) error {
		return r.shared.ExecuteTemplate(w, name, value)
	}
	return r, r.complete()
}

// complete checks that pages and templates belong together one to one.
func (r *Renderer) complete() error {
	for _, p := range allPages {
		if r.pages[p.template()] == nil {
			return fmt.Errorf("page %T: no template pages/%s.html", p, p.template())
		}
	}
	if len(r.pages) != len(allPages) {
		return fmt.Errorf("%d page templates for %d pages: one is not used", len(r.pages), len(allPages))
	}
	return nil
}

// allPages holds one of each page of the shop.
var allPages = []Page{
	&Home{}, &Catalogue{}, &Product{}, &Cart{},
	&Login{}, &Redirect{}, &SignInProblem{}, &SignedOut{},
	&CheckoutAddress{}, &CheckoutDelivery{}, &CheckoutReview{},
	&Order{}, &Orders{}, &Account{}, &Devices{}, &Confirm{}, &Resubmit{}, &Cookies{}, &Lesson{}, &Problem{},
	&Information{Topic: Delivery}, &Information{Topic: Contact}, &Information{Topic: Privacy},
	&Information{Topic: Accessibility}, &Information{Topic: Imprint},
}

// Render writes the page with the status. The page is rendered to a buffer first: when a
// template fails, Render returns the error and has written nothing, so that the caller
// can still answer with something else. An error of writing to the client is returned too.
func (r *Renderer) Render(w http.ResponseWriter, status int, p Page) error {
	body := buffers.Get().(*bytes.Buffer)
	body.Reset()
	defer buffers.Put(body)
	if err := r.fill(body, p); err != nil {
		return fmt.Errorf("render %s: %w", p.template(), err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	if _, err := w.Write(body.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", p.template(), err)
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// fill renders a page: the parts that are its visitor's own, and the rest as it is kept, if it is.
func (r *Renderer) fill(body *bytes.Buffer, p Page) error {
	t := r.pages[p.template()]
	section := p.Section()
	p.layout().section = &section
	own := ownParts{shared: r.shared, template: t, page: p}
	key, of := p.kept()
	if of == nil {
		p.layout().own = own.html
		return t.ExecuteTemplate(body, "layout", p)
	}
	pieces, err := r.fixed.page(t, of, key, p)
	if err != nil {
		return err
	}
	n := p.numbers()
	for _, next := range pieces {
		body.WriteString(next.html)
		var part []byte
		switch {
		case next.own == "":
			continue
		case p.layout().wordless(next.own):
			key := ownKey{p.template(), next.own, n}
			part, err = r.fixed.ownPart(key, func() ([]byte, error) { return own.ofNumbers(next.own, n) })
		default:
			part, err = own.part(next.own)
		}
		if err != nil {
			return err
		}
		body.Write(part)
	}
	return nil
}

// ownParts are the parts of one answer that are its visitor's own. Each is rendered once, however
// often it is in the page.
type ownParts struct {
	shared, template *template.Template
	page             Page
	rendered         bytes.Buffer
	parts            []ownPart
}

// ownPart is where a part is in rendered.
type ownPart struct {
	name       string
	begin, end int
}

func (o *ownParts) part(name string) ([]byte, error) {
	for _, p := range o.parts {
		if p.name == name {
			return o.rendered.Bytes()[p.begin:p.end], nil
		}
	}
	begin := o.rendered.Len()
	if err := o.render(&o.rendered, name, o.page); err != nil {
		return nil, err
	}
	o.parts = append(o.parts, ownPart{name, begin, o.rendered.Len()})
	return o.rendered.Bytes()[begin:], nil
}

// ofNumbers returns a part as it is for every visitor with these numbers.
func (o *ownParts) ofNumbers(name string, n numbers) ([]byte, error) {
	common, section := o.page.common(n), o.page.Section()
	common.layout().section = &section
	var b bytes.Buffer
	err := o.render(&b, name, common)
	return b.Bytes(), err
}

// render gives a part of the layout the layout alone: to find a field of it through the page around
// it costs more than all the rest.
func (o *ownParts) render(to *bytes.Buffer, name string, p Page) error {
	if o.shared.Lookup(name) != nil {
		return o.shared.ExecuteTemplate(to, name, p.layout())
	}
	return o.template.ExecuteTemplate(to, name, p)
}

func (o *ownParts) html(name string) (template.HTML, error) {
	part, err := o.part(name)
	return template.HTML(part), err
}
