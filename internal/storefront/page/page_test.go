package page

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"hookandtag.example/shop/web"
)

// go test ./internal/storefront/page -args -samples=FOLDER writes all samples as files to look at.
var samplesTo = flag.String("samples", "", "folder to write the sample pages to")

// made is the renderer of the real templates, parsed once for all tests.
var made = sync.OnceValues(func() (*Renderer, error) {
	assets, err := NewAssets(web.Static())
	if err != nil {
		return nil, err
	}
	return New(web.Templates(), assets)
})

func newRenderer(t *testing.T) *Renderer {
	t.Helper()
	r, err := made()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newAssets(t *testing.T) *Assets {
	t.Helper()
	assets, err := NewAssets(web.Static())
	if err != nil {
		t.Fatal(err)
	}
	return assets
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
	t.Parallel()
	r, assets := newRenderer(t), newAssets(t)
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

func TestEveryPageHasASample(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range samples() {
		seen[s.page.template()] = true
	}
	for _, p := range allPages {
		if !seen[p.template()] {
			t.Errorf("no sample of %T", p)
		}
	}
}

// withTemplates is a small set of templates, the pages' own replaced by the given one.
func withTemplates(main string) fstest.MapFS {
	files := fstest.MapFS{
		"layout.html":     {Data: []byte(`{{define "layout"}}<p>{{template "main" .}}{{end}}`)},
		"partials/x.html": {Data: []byte(`{{define "x"}}{{end}}`)},
		"drawings/x.html": {Data: []byte(`{{define "y"}}{{end}}`)},
	}
	for _, p := range allPages {
		files["pages/"+p.template()+".html"] = &fstest.MapFile{Data: []byte(main)}
	}
	return files
}

func TestFailedTemplateWritesNothing(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	r, err := New(withTemplates(`{{define "main"}}half a page {{.NoSuchField}}{{end}}`), assets)
	if err != nil {
		t.Fatal(err)
	}
	w := &untouched{t: t}
	if err := r.Render(w, http.StatusOK, &Home{}); err == nil {
		t.Error("no error")
	}
}

type untouched struct{ t *testing.T }

func (u *untouched) Header() http.Header { u.t.Error("headers touched"); return http.Header{} }
func (u *untouched) WriteHeader(int)     { u.t.Error("status written") }
func (u *untouched) Write(p []byte) (int, error) {
	u.t.Errorf("written: %s", p)
	return len(p), nil
}

func TestBrokenTemplatesStopTheStart(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	good := `{{define "main"}}{{end}}`
	missing, extra := withTemplates(good), withTemplates(good)
	delete(missing, "pages/home.html")
	extra["pages/unused.html"] = &fstest.MapFile{Data: []byte(good)}
	for name, files := range map[string]fstest.MapFS{
		"does not parse":    withTemplates(`{{define "main"}}{{if}}{{end}}`),
		"calls no template": withTemplates(`{{define "main"}}{{with .Path}}{{else}}{{template "none"}}{{end}}{{end}}`),
		"page missing":      missing,
		"page unused":       extra,
		"nothing":           {},
	} {
		if _, err := New(files, assets); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestClientThatWentAwayIsAnError(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	gone := errors.New("gone")
	err := r.Render(&broken{err: gone}, http.StatusOK, &Problem{Status: http.StatusNotFound})
	if !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

type broken struct {
	http.ResponseWriter
	err error
}

func (b *broken) Header() http.Header       { return http.Header{} }
func (b *broken) WriteHeader(int)           {}
func (b *broken) Write([]byte) (int, error) { return 0, b.err }

func TestStaticFilesAreKeptByHashAndCheckedByName(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	hashed, err := assets.URL("shop.css")
	if err != nil {
		t.Fatal(err)
	}
	for path, cache := range map[string]string{
		hashed: "public, max-age=31536000, immutable", "/static/shop.css": "no-cache", "/favicon.svg": "no-cache",
		"/favicon.ico": "no-cache", "/apple-touch-icon.png": "no-cache",
	} {
		w := httptest.NewRecorder()
		assets.Serve(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != cache || w.Body.Len() == 0 {
			t.Errorf("%s: %d, %q, %d bytes", path, w.Code, w.Header().Get("Cache-Control"), w.Body.Len())
		}
		etag := w.Header().Get("ETag")
		for match, want := range map[string]int{ // RFC 9110 13.1.2: weak comparison
			etag: 304, strings.TrimPrefix(etag, "W/"): 304, `"other", ` + etag: 304, "*": 304, `W/"other"`: 200, "": 200,
		} {
			again := httptest.NewRequest(http.MethodGet, path, nil)
			again.Header.Set("If-None-Match", match)
			w = httptest.NewRecorder()
			assets.Serve(w, again)
			if w.Code != want || (w.Body.Len() == 0) != (want == http.StatusNotModified) {
				t.Errorf("%s, If-None-Match %s: got %d with %d bytes, want %d", path, match, w.Code, w.Body.Len(), want)
			}
		}
	}
}

func TestOnlyStaticFilesAreServed(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	for _, path := range []string{"/static/styles/1-base.css", "/static/", "/static/../web.go"} {
		w := httptest.NewRecorder()
		if assets.Serve(w, httptest.NewRequest(http.MethodGet, path, nil)) || w.Body.Len() > 0 {
			t.Errorf("%s: got %d bytes, want none", path, w.Body.Len())
		}
	}
	if _, err := assets.URL("nothing.css"); err == nil {
		t.Error("an unknown name has an address")
	}
}

func TestSheetIsSmallAndLoadsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	sheet := assets.files["/static/shop.css"]
	if n := compressedSize(t, sheet.body); n > 12<<10 {
		t.Errorf("style sheet: got %d bytes compressed, want at most 12 KB", n)
	}
	for _, word := range []string{"url(", "@import", "@font-face", "!important"} {
		if strings.Contains(string(sheet.body), word) {
			t.Errorf("style sheet holds %s", word)
		}
	}
}

// compressedSize returns the number of bytes that body has in gzip.
func compressedSize(t *testing.T, body []byte) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func TestNoPartialIsLeftOver(t *testing.T) {
	t.Parallel()
	defined, used := map[string]string{}, map[string]bool{"layout": true, "picture": true} // which Go calls
	err := fs.WalkDir(web.Templates(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		source, err := fs.ReadFile(web.Templates(), name)
		for _, m := range definition.FindAllStringSubmatch(string(source), -1) {
			defined[m[1]] = name
		}
		for _, m := range reference.FindAllStringSubmatch(string(source), -1) {
			used[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range defined {
		if !used[name] && !strings.HasPrefix(file, "learn/") { // the tutorial names its own from Go
			t.Errorf("%s defines %q, which nothing uses", file, name)
		}
	}
}

var (
	definition = regexp.MustCompile(`{{-? *define "([^"]+)"`)
	reference  = regexp.MustCompile(`{{-? *(?:template|fixed|\.Own|\.Page\.Own) "([^"]+)"`)
)
