package storefront

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/fetchmetadata"
	"hookandtag.example/shop/internal/middleware"
)

// pageCache keeps whole pages for browsers that carry no cookie, compressed as they were asked
// for, so that such a visit costs no statement and hardly any work.
//
// A page is kept only when neither its request nor its answer has a cookie, so it holds nothing of
// a visitor. All pages are forgotten when the catalogue changes, or when they fill their share of
// memory.
type pageCache struct {
	mu    sync.RWMutex
	of    *catalog.Snapshot // what the pages show
	pages map[cacheKey]cachedPage
	size  int

	hits, misses atomic.Uint64
}

// PageCache returns how many requests for a page that may be kept found it, and how many did not.
func (s *Server) PageCache() (hits, misses uint64) { return s.cache.hits.Load(), s.cache.misses.Load() }

// cacheKey is everything a page without a visitor depends on beside the catalogue.
type cacheKey struct{ path, query, encoding string }

type cachedPage struct {
	header http.Header
	body   []byte
	length []string // the field Content-Length
	route  string   // for the log
}

// maxCachedBytes is how many bytes of pages are kept.
const maxCachedBytes = 32 << 20

// cachedFilters are the parameters of a list that lead to few enough pages. Words and prices would
// lead to any number.
var cachedFilters = map[string]bool{"room": true, "sort": true, "in_stock": true, "page": true}

// cachedEncodings are what browsers send as Accept-Encoding; other clients' pages are not kept.
var cachedEncodings = map[string]bool{
	"": true, "gzip": true, "gzip, deflate": true, "gzip, deflate, br": true, "gzip, deflate, br, zstd": true,
}

// keyOf returns the key of the page that a request asks for; ok is false when the page may depend
// on who asks.
func keyOf(r *http.Request) (key cacheKey, ok bool) {
	h := r.Header
	if r.Method != http.MethodGet || len(h["Cookie"]) > 0 || fetchmetadata.Speculative(r) || !fetchmetadata.TopLevel(r) {
		return cacheKey{}, false
	}
	path := r.URL.EscapedPath()                               // as the router reads it: %2F is no slash
	if path != "/" && !strings.HasPrefix(path, "/products") { // no other page shows the catalogue
		return cacheKey{}, false
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !cachedEncodings[h.Get("Accept-Encoding")] {
		return cacheKey{}, false
	}
	if len(query) > 0 && path != "/products" || !oneSpelling(query) {
		return cacheKey{}, false
	}
	return cacheKey{path, query.Encode(), h.Get("Accept-Encoding")}, true
}

// oneSpelling reports whether a query has only cachedFilters, each once and with numbers as our
// links write them, so that nobody fills the memory with copies of one page.
func oneSpelling(query url.Values) bool {
	for name, values := range query {
		if !cachedFilters[name] || len(values) > 1 {
			return false
		}
	}
	page, inStock := query.Get("page"), query.Get("in_stock")
	return page == strings.TrimLeft(page, "+0") && (inStock == "" || inStock == "1")
}

// cachePages answers with a kept page, or keeps the answer. The tutorial's ribbon is on every page,
// so with it nothing is kept.
func (s *Server) cachePages(next http.Handler) http.Handler {
	if s.config.Lessons != nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, ok := keyOf(r)
		products := s.config.Catalog.Current() // what waits for the first one has its time limit further in
		if !ok || products == nil {
			next.ServeHTTP(w, r)
			return
		}
		if page, ok := s.cache.find(products, key); ok {
			s.cache.hits.Add(1)
			page.serve(w, r)
			return
		}
		s.cache.misses.Add(1)
		answer := &copiedResponse{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		if answer.status == http.StatusOK && !answer.cut && len(w.Header()["Set-Cookie"]) == 0 &&
			w.Header().Get("Cache-Control") == revalidate {
			s.cache.keep(products, key,
				cachedPage{header: pageHeader(w.Header()), body: bytes.Clone(answer.body.Bytes()), route: middleware.Route(r)})
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

func (c *pageCache) find(of *catalog.Snapshot, key cacheKey) (page cachedPage, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.of != of {
		return cachedPage{}, false
	}
	page, ok = c.pages[key]
	return page, ok
}

func (c *pageCache) keep(of *catalog.Snapshot, key cacheKey, page cachedPage) {
	sum := sha256.Sum256(page.body)
	page.length = []string{strconv.Itoa(len(page.body))}
	page.header.Set("ETag", `W/"`+base64.RawURLEncoding.EncodeToString(sum[:9])+`"`)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of != of || c.size+len(page.body) > maxCachedBytes {
		c.of, c.pages, c.size = of, map[cacheKey]cachedPage{}, 0
	}
	c.pages[key] = page
	c.size += len(page.body)
}

// serve answers with the page, or with 304 to a browser that has it.
func (p cachedPage) serve(w http.ResponseWriter, r *http.Request) {
	if ctx := chi.RouteContext(r.Context()); ctx != nil {
		ctx.RoutePatterns = append(ctx.RoutePatterns, p.route)
	}
	maps.Copy(w.Header(), p.header)
	if h := r.Header; len(h["If-None-Match"])+len(h["If-Match"])+len(h["Range"]) > 0 {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.body))
		return
	}
	w.Header()["Content-Length"] = p.length // ServeContent would copy the body once more
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(p.body) // an error means that the client has left
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
