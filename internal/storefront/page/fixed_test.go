package page

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/web"
)

func TestAFixedPartIsRenderedOnce(t *testing.T) {
	t.Parallel()
	rendered := 0
	f := fixedParts{render: func(w *strings.Builder, name string, _ any) error {
		rendered++
		w.WriteString(name)
		return nil
	}}
	for range 3 {
		if got, err := f.part("card", bowler()); err != nil || got != "card" {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if rendered != 1 {
		t.Errorf("got %d renderings, want 1", rendered)
	}
	changed := bowler()
	changed.Stock--
	if _, err := f.part("card", changed); err != nil || rendered != 2 {
		t.Errorf("got %d renderings, %v; want 2, because the product has changed", rendered, err)
	}
}

func TestNothingOfAVisitorCanBeAFixedPart(t *testing.T) {
	t.Parallel()
	f := fixedParts{render: func(*strings.Builder, string, any) error { return nil }}
	for _, value := range []any{"alice", &Product{}, Layout{}, 3} {
		if _, err := f.part("card", value); err == nil {
			t.Errorf("got no error for a %T", value)
		}
	}
}

func TestFixedPartsAreForgottenWhenTheyTakeTooMuch(t *testing.T) {
	t.Parallel()
	f := fixedParts{size: maxFixed, parts: map[fixedKey]template.HTML{{name: "old"}: "old"}}
	f.makeRoom(3)
	if len(f.parts)+len(f.pages) != 0 || f.size != 3 {
		t.Errorf("got %d parts and %d pages of %d bytes, want room for 3", len(f.parts), len(f.pages), f.size)
	}
}

func TestPagesOfTheLastCatalogueTakeNoRoom(t *testing.T) {
	t.Parallel()
	r, err := New(web.Templates(), newAssets(t))
	if err != nil {
		t.Fatal(err)
	}
	page := &Product{Product: bowler()}
	sizes := map[int]bool{}
	for range 5 {
		page.Of = catalog.NewSnapshot(nil, catalog.Version{})
		body(t, r, sample{page: page})
		sizes[r.fixed.size] = true
	}
	if len(sizes) != 1 {
		t.Errorf("the size grows with each catalogue: %v", sizes)
	}
}

// Every page in every state is the same, whether it is put together of what is kept or rendered for
// its visitor alone, and those before.
func TestAPageOfKeptPiecesIsThePage(t *testing.T) {
	t.Parallel()
	r, kept := newRenderer(t), 0
	for range 2 { // the second time everything is kept
		for _, s := range samples() {
			s.page.layout().Of = nil
			want := body(t, r, s)
			s.page.layout().Of = sold
			if _, of := s.page.kept(); of != nil {
				kept++
			}
			if got := body(t, r, s); got != want {
				t.Errorf("%s: got another page from what is kept:\n%s", s.name, firstDifference(got, want))
			}
		}
	}
	if kept < 10 {
		t.Errorf("got %d pages from what is kept, want at least 10", kept)
	}
}

// sold is the catalogue of the samples, as far as pages that are kept ask for it.
var sold = catalog.NewSnapshot(nil, catalog.Version{})

func body(t *testing.T, r *Renderer, s sample) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := r.Render(w, http.StatusOK, s.page); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	if got, want := w.Header().Get("Content-Length"), strconv.Itoa(w.Body.Len()); got != want {
		t.Errorf("%s: got Content-Length %s, want %s", s.name, got, want)
	}
	return w.Body.String()
}

func firstDifference(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	from := max(i-80, 0)
	return "…" + got[from:min(i+80, len(got))] + "\nwant\n…" + want[from:min(i+80, len(want))]
}

func TestKeptPagesGoWithTheirCatalogue(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	page := &Product{Product: bowler()}
	page.Of = sold
	before := body(t, r, sample{page: page})
	page.Product.Name = "Another"
	if body(t, r, sample{page: page}) != before {
		t.Error("got another page while the catalogue is the same")
	}
	page.Of = catalog.NewSnapshot(nil, catalog.Version{})
	got := body(t, r, sample{page: page})
	page.Of = nil
	if want := body(t, r, sample{page: page}); got != want || !strings.Contains(got, "Another") {
		t.Errorf("got another page than that of the next catalogue: %s", firstDifference(got, want))
	}
}

func BenchmarkProductPage(b *testing.B) {
	for name, of := range map[string]*catalog.Snapshot{"kept": sold, "alone": nil} {
		b.Run(name, func(b *testing.B) {
			r := newRenderer(&testing.T{})
			w := &discard{h: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				p := &Product{Product: bowler(), Related: things()[:4], InCart: 2}
				p.CartUnits, p.Of = 3, of
				if err := r.Render(w, http.StatusOK, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type discard struct{ h http.Header }

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

// What is common to all visitors is made of the document's head and the catalogue alone.
func TestTheCommonPageHoldsNothingOfItsVisitor(t *testing.T) {
	t.Parallel()
	page := Layout{Title: "t", Description: "d", Path: "/p", Canonical: "c", Picture: "p", SocialCard: "s",
		NoIndex: true, HasErrors: true, Unknown: true, CartUnknown: true, SignedIn: true, CustomerName: "Alice", CartUnits: 3,
		FormToken: "token", Notices: []Notice{{Text: "n"}}, NoticesTaken: true, RequestID: "id", Lessons: true,
		Ribbon: "ribbon", Warning: &Warning{}, Of: sold}
	want := Layout{Title: "t", Description: "d", Path: "/p", Canonical: "c", Picture: "p", SocialCard: "s",
		NoIndex: true, Lessons: true}
	if got := page.head().layout(numbers{}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	page.HasErrors = false
	for _, p := range []Page{
		&Home{Layout: page}, &Product{Layout: page, InCart: 2},
		&Catalogue{Layout: page, Typed: map[string]string{"min": "x"}},
	} {
		common := p.common(numbers{})
		if _, of := p.kept(); of != sold || !reflect.DeepEqual(*common.layout(), want) {
			t.Fatalf("%T: got %+v, want %+v", p, common, want)
		}
		switch common := common.(type) {
		case *Product:
			if common.InCart != 0 {
				t.Errorf("got %d in the cart of everyone, want 0", common.InCart)
			}
		case *Catalogue:
			if common.Typed != nil {
				t.Errorf("got %v typed by everyone, want nothing", common.Typed)
			}
		}
	}
}

// Two customers may have the same numbers; each sees their own words.
func TestPartsOfNumbersHoldNoWords(t *testing.T) {
	t.Parallel()
	for i := range reflect.TypeFor[numbers]().NumField() {
		if f := reflect.TypeFor[numbers]().Field(i); f.Type.Kind() != reflect.Bool && f.Type.Kind() != reflect.Int {
			t.Errorf("numbers.%s is a %s, which may hold something of a visitor", f.Name, f.Type)
		}
	}
	r := emptyRenderer(t)
	for _, name := range []string{"Alice", "Bob"} {
		p := &Home{Layout: signedIn("/")}
		p.CustomerName, p.FormToken, p.Notices, p.Of = name, "token-"+name, []Notice{{Text: "For " + name}}, sold
		got := body(t, r, sample{page: p})
		for _, want := range []string{"Good to see you, " + name, "token-" + name, "For " + name} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in the page", name, want)
			}
		}
	}
	for key, part := range r.fixed.own {
		if strings.Contains(string(part), "Alice") || strings.Contains(string(part), "Bob") {
			t.Errorf("%+v is kept with a visitor's words: %s", key, part)
		}
	}
}

func TestListsThatVisitorsNarrowAreNotKept(t *testing.T) { // there is any number of them
	t.Parallel()
	for name, c := range map[string]struct {
		search catalog.Search
		kept   bool
	}{
		"everything":             {catalog.Search{Page: 1}, true},
		"a room in stock":        {catalog.Search{Room: catalog.Hats, InStock: true}, true},
		"words":                  {catalog.Search{Query: "hat"}, false},
		"a least price":          {catalog.Search{Min: 1}, false},
		"a highest price":        {catalog.Search{Max: 1}, false},
		"colours":                {catalog.Search{Colours: catalog.SetOf(catalog.Colours()...)}, false},
		"a material":             {catalog.Search{Materials: catalog.SetOf[catalog.Material]("wool")}, false},
		"a page beyond the last": {catalog.Search{Page: 999}, false},
	} {
		page := &Catalogue{Result: found(c.search, 32, nil)}
		page.Of = sold
		if _, of := page.kept(); (of != nil) != c.kept {
			t.Errorf("%s: kept: got %t, want %t", name, of != nil, c.kept)
		}
	}
}

func TestNoPageOutlivesItsCatalogue(t *testing.T) {
	t.Parallel()
	r := emptyRenderer(t)
	show := func(id int64, name string, of *catalog.Snapshot) string {
		p := &Product{Product: bowler()}
		p.Product.ID, p.Product.Name, p.Of = id, name, of
		return body(t, r, sample{page: p})
	}
	next := catalog.NewSnapshot(nil, catalog.Version{})
	show(1, "First", sold)
	show(2, "Second", sold)
	show(1, "First", next)
	if got := show(2, "Renamed", next); !strings.Contains(got, "Renamed") {
		t.Error("got a page of the catalogue before, want that of the next one")
	}
}

// emptyRenderer returns a renderer that no other test uses: nothing is kept yet.
func emptyRenderer(t *testing.T) *Renderer {
	t.Helper()
	shared := newRenderer(t)
	return &Renderer{shared: shared.shared, pages: shared.pages, fixed: fixedParts{render: shared.fixed.render}}
}

func TestTheSizeOfKeptPartsIsTheirBytes(t *testing.T) {
	t.Parallel()
	r := emptyRenderer(t)
	p := &Product{Product: bowler()}
	p.Of = sold
	page := len(body(t, r, sample{page: p}))
	before := r.fixed.size
	if before < page/2 {
		t.Errorf("with a page of %d bytes kept: got %d bytes counted, want most of them", page, before)
	}
	part, err := r.fixed.part("card-text", beanie())
	if got := r.fixed.size - before; err != nil || got < len(part) {
		t.Errorf("with a part of %d bytes kept: got %d bytes more, %v, want at least as many", len(part), got, err)
	}
}

func TestAVisitorsPartIsRenderedOnceForAPage(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	p := &Home{Layout: signedIn("/")}
	own := ownParts{shared: r.shared, template: r.pages[p.template()], page: p}
	first, err := own.html("token")
	if err != nil {
		t.Fatal(err)
	}
	size := own.rendered.Len()
	if again, err := own.html("token"); err != nil || again != first || own.rendered.Len() != size {
		t.Errorf("got %q, %v and %d bytes rendered, want %q and %d", again, err, own.rendered.Len(), first, size)
	}
}
