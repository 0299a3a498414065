package storefront

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/middleware"
)

// keptPages keeps whole pages for browsers that carry no cookie, compressed as they were asked for,
// so that such a visit costs no statement and hardly any work.
//
// A page is kept only when neither its request nor its answer has a cookie, so it holds nothing of
// a visitor. All pages are forgotten when the catalogue changes, or when they fill their share of
// memory.
type keptPages struct {
	mu    sync.RWMutex
	of    *catalog.Snapshot // what the pages show
	pages map[keptKey]keptPage
	size  int

	hits, misses atomic.Uint64
}

// PageCache returns how many requests for a page that may be kept found it, and how many did not.
func (s *Server) PageCache() (hits, misses uint64) { return s.kept.hits.Load(), s.kept.misses.Load() }

// keptKey is everything a page without a visitor depends on beside the catalogue.
type keptKey struct{ path, query, encoding string }

type keptPage struct {
	header http.Header
	body   []byte
	route  string // for the log
}

// maxKept is how many bytes of pages are kept.
const maxKept = 32 << 20

// keptFields are the parameters of a list that lead to few enough pages. Words and prices would
// lead to any number.
var keptFields = map[string]bool{"room": true, "sort": true, "in_stock": true, "page": true}

// keptEncodings are what browsers send as Accept-Encoding; other clients' pages are not kept.
var keptEncodings = map[string]bool{
	"": true, "gzip": true, "gzip, deflate": true, "gzip, deflate, br": true, "gzip, deflate, br, zstd": true,
}

// keyOf returns the key of the page that a request asks for; ok is false when the page may depend
// on who asks.
func keyOf(r *http.Request) (key keptKey, ok bool) {
	h := r.Header
	navigates := h.Get("Sec-Fetch-Mode") == "" || h.Get("Sec-Fetch-Mode") == "navigate"
	if r.Method != http.MethodGet || len(h["Cookie"]) > 0 || h.Get("Sec-Purpose") != "" || !navigates {
		return keptKey{}, false
	}
	if r.URL.Path != "/" && !strings.HasPrefix(r.URL.Path, "/products") { // no other page shows the catalogue
		return keptKey{}, false
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !keptEncodings[h.Get("Accept-Encoding")] {
		return keptKey{}, false
	}
	if len(query) > 0 && r.URL.Path != "/products" || !oneSpelling(query) {
		return keptKey{}, false
	}
	return keptKey{r.URL.Path, query.Encode(), h.Get("Accept-Encoding")}, true
}

// oneSpelling reports whether no other query leads to the same page, so that nobody fills the
// memory with copies of one.
func oneSpelling(query url.Values) bool {
	for name, values := range query {
		if !keptFields[name] || len(values) > 1 {
			return false
		}
	}
	page, inStock := query.Get("page"), query.Get("in_stock")
	return page == strings.TrimLeft(page, "+0") && (inStock == "" || inStock == "1")
}

// keepPages answers with a kept page, or keeps the answer. The tutorial's ribbon is on every page,
// so with it nothing is kept.
func (s *Server) keepPages(next http.Handler) http.Handler {
	if s.lessons != nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, ok := keyOf(r)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		products, err := s.catalog.Snapshot(r.Context())
		if err != nil { // the page itself says that the database is away
			next.ServeHTTP(w, r)
			return
		}
		if page, ok := s.kept.find(products, key); ok {
			s.kept.hits.Add(1)
			page.serve(w, r)
			return
		}
		s.kept.misses.Add(1)
		answer := &copiedResponse{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		if answer.status == http.StatusOK && !answer.cut && len(w.Header()["Set-Cookie"]) == 0 &&
			w.Header().Get("Cache-Control") == revalidate {
			s.kept.keep(products, key,
				keptPage{header: pageHeader(w.Header()), body: answer.body.Bytes(), route: middleware.Route(r)})
		}
	})
}

// pageHeader returns the fields that belong to the page and not to its request.
func pageHeader(of http.Header) http.Header {
	h := http.Header{}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Cache-Control", "Vary"} {
		if values := of.Values(name); len(values) > 0 {
			h[name] = values
		}
	}
	return h
}

func (k *keptPages) find(of *catalog.Snapshot, key keptKey) (page keptPage, ok bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.of != of {
		return keptPage{}, false
	}
	page, ok = k.pages[key]
	return page, ok
}

func (k *keptPages) keep(of *catalog.Snapshot, key keptKey, page keptPage) {
	sum := sha256.Sum256(page.body)
	page.header.Set("ETag", `W/"`+base64.RawURLEncoding.EncodeToString(sum[:9])+`"`)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of != of || k.size+len(page.body) > maxKept {
		k.of, k.pages, k.size = of, map[keptKey]keptPage{}, 0
	}
	k.pages[key] = page
	k.size += len(page.body)
}

// serve answers with the page, or with 304 to a browser that has it.
func (p keptPage) serve(w http.ResponseWriter, r *http.Request) {
	if ctx := chi.RouteContext(r.Context()); ctx != nil {
		ctx.RoutePatterns = append(ctx.RoutePatterns, p.route)
	}
	maps.Copy(w.Header(), p.header)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.body))
}

// copiedResponse keeps a copy of the answer that passes through it.
type copiedResponse struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	cut    bool // the client left: what wrote the answer may have stopped in the middle
}

func (c *copiedResponse) WriteHeader(status int) {
	if c.status == 0 && status >= http.StatusOK {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *copiedResponse) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	c.body.Write(b)
	n, err := c.ResponseWriter.Write(b)
	c.cut = c.cut || err != nil
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *copiedResponse) Unwrap() http.ResponseWriter { return c.ResponseWriter }
