package page

import (
	"html/template"
	"net/http"
	"net/http/httptest"
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
			if _, _, of := s.page.common(); of != nil {
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
