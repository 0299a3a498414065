package storefront_test

import (
	"context"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/storefront"
	"hookandtag.example/shop/internal/storefront/page"
	"hookandtag.example/shop/web"
)

// brokenShelves is a catalogue that panics.
type brokenShelves struct{ storefront.Catalog }

func (b brokenShelves) AsOf(ctx context.Context, _ catalog.Version) (*catalog.Snapshot, error) {
	return b.Snapshot(ctx)
}

func (brokenShelves) Snapshot(context.Context) (*catalog.Snapshot, error) {
	panic("the shelf fell down")
}

// brokenProvider panics with half an answer sent.
type brokenProvider struct{ storefront.Provider }

func (brokenProvider) Finish(_ context.Context, w http.ResponseWriter, _ *http.Request) (auth.Authentication, error) {
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte("half a page"))
	_ = http.NewResponseController(w).Flush()
	panic("after half a page")
}

// ASVS 16.5.4
func TestPanicIsAnErrorPageAndTheStackIsInTheLog(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Catalog = brokenShelves{c.Catalog} })
	b := s.visitor()
	b.signIn("ann", "")
	r := b.get("/products")
	wantStatus(t, r, http.StatusInternalServerError)
	wantBody(t, r, r.Header.Get("X-Request-Id"), "Something broke on our side")
	wantNoBody(t, r, "shelf")
	if log := s.logged(); !strings.Contains(log, "the shelf fell down") ||
		!strings.Contains(log, "brokenShelves.Snapshot") {
		t.Error("the log must hold cause and stack")
	}
	wantStatus(t, b.get("/account"), http.StatusOK)
}

func TestPanicAfterHalfAPageCutsTheConnection(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Provider = brokenProvider{c.Provider} })
	r, err := http.DefaultTransport.RoundTrip(httpGet(t, s.url+"/auth/callback?state=x"))
	if err == nil {
		defer r.Body.Close()
		body := make([]byte, 1000)
		for err == nil {
			_, err = r.Body.Read(body)
		}
	}
	if err == nil || err.Error() == "EOF" {
		t.Error("half a page must not pass for a whole one")
	}
}

func httpGet(t testing.TB, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	return r
}

// patched is a tree of files in which some are others.
type patched struct {
	fs.FS
	files fstest.MapFS
}

func (p patched) Open(name string) (fs.File, error) {
	if _, ok := p.files[name]; ok {
		return p.files.Open(name)
	}
	return p.FS.Open(name)
}

func TestTemplateThatFailsIsAnsweredWithThePageMadeAtTheStart(t *testing.T) {
	t.Parallel()
	broken := &fstest.MapFile{Data: []byte(
		`{{define "title"}}x{{end}}{{define "main"}}<p>before</p>{{.NoSuchThing}}{{end}}`)}
	s := newShop(t, func(c *storefront.Config) {
		var err error
		c.Pages, err = page.New(patched{web.Templates(), fstest.MapFS{"pages/home.html": broken}}, c.Assets)
		must(t, err)
	})
	r := s.visitor().get("/")
	wantStatus(t, r, http.StatusInternalServerError)
	wantBody(t, r, "Something broke on our side")
	wantNoBody(t, r, "before", "NoSuchThing")
	if r.Header.Get("Cache-Control") != "no-store" {
		t.Error("an error page must not be stored")
	}
	if !strings.Contains(s.logged(), "NoSuchThing") {
		t.Error("the log gives the reason")
	}
}
