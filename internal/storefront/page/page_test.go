package page

import (
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"hookandtag.example/shop/web"
)

// go test ./internal/storefront/page -args -samples=FOLDER writes all samples as files to look at.
var samplesTo = flag.String("samples", "", "folder to write the sample pages to")

func newRenderer(t *testing.T) (*Renderer, *Assets) {
	t.Helper()
	assets, err := NewAssets(web.Static())
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(web.Templates(), assets)
	if err != nil {
		t.Fatal(err)
	}
	return r, assets
}

func render(t *testing.T, r *Renderer, s sample) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	if err := r.Render(w, s.status, s.page); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	if w.Code != s.status || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%s: status %d, type %q", s.name, w.Code, w.Header().Get("Content-Type"))
	}
	return w
}

func TestEverySampleRenders(t *testing.T) {
	r, assets := newRenderer(t)
	for _, s := range samples() {
		body := render(t, r, s).Body.Bytes()
		if *samplesTo != "" {
			writeSample(t, s.name+".html", body)
		}
	}
	if *samplesTo != "" {
		for url, f := range assets.files {
			writeSample(t, url, f.body)
		}
	}
}

func writeSample(t *testing.T, name string, body []byte) {
	t.Helper()
	file := filepath.Join(*samplesTo, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, body, 0o644); err != nil {
		t.Fatal(err)
	}
}
