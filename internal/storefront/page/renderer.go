package page

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Renderer turns pages into answers. It is safe for concurrent use.
type Renderer struct {
	pages map[string]*template.Template
	fixed fixedParts
}

// New parses every template of files: layout.html, partials/, drawings/ and pages/. Each
// page is the layout and the partials with the blocks of the page's file. A template that
// does not parse, a page without a template and a template without a page are errors, so
// that a broken one stops the program when it starts.
func New(files fs.FS, assets *Assets) (*Renderer, error) {
	r := &Renderer{pages: map[string]*template.Template{}}
	shared, err := template.New("layout").Funcs(functions(assets)).Funcs(template.FuncMap{"fixed": r.fixed.part}).
		ParseFS(files, "layout.html", "partials/*.html", "drawings/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse shared templates: %w", err)
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("list page templates: %w", err)
	}
	parts := template.Must(shared.Clone())
	r.fixed.render = func(w *strings.Builder, name string, value any) error {
		return parts.ExecuteTemplate(w, name, value)
	}
	for _, name := range names {
		t, err := template.Must(shared.Clone()).ParseFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", name, err)
		}
		r.pages[strings.TrimSuffix(path.Base(name), ".html")] = t
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
	var body bytes.Buffer
	if err := r.pages[p.template()].ExecuteTemplate(&body, "layout", p); err != nil {
		return fmt.Errorf("render %s: %w", p.template(), err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if _, err := body.WriteTo(w); err != nil {
		return fmt.Errorf("write %s: %w", p.template(), err)
	}
	return nil
}
