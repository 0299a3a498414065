package page

import (
	"html/template"
	"net/http"
	"strings"
	"testing"
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
	f := fixedParts{size: maxFixed + 1, parts: map[fixedKey]template.HTML{{name: "old"}: "old"}}
	f.keep(fixedKey{name: "new"}, "new")
	if len(f.parts) != 1 || f.size != len("new") {
		t.Errorf("got %d parts of %d bytes, want the new one alone", len(f.parts), f.size)
	}
}

func BenchmarkProductPage(b *testing.B) {
	var s sample
	for _, one := range samples() {
		if p, ok := one.page.(*Product); ok && s.page == nil && p.Refusal == nil {
			s = one
		}
	}
	r := newRenderer(&testing.T{})
	w := &discard{h: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Render(w, http.StatusOK, s.page); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{ h http.Header }

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
