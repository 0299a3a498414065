package storefront

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/storefront/page"
)

// readyLimit is how long the parts may take to say that they are there.
const readyLimit = 2 * time.Second

// healthy says that the process answers, whatever else is away.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, http.StatusOK, "ok\n")
}

// serving says whether every part that the shop cannot do without is there, by name and without
// details.
func (s *Server) serving(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyLimit)
	defer cancel()
	var failed error
	report := ""
	for _, name := range slices.Sorted(maps.Keys(s.config.Ready)) {
		state := "ok"
		if err := s.config.Ready[name](ctx); err != nil {
			state = "away"
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, err))
		}
		report += name + ": " + state + "\n"
	}
	if errors.Is(failed, context.Canceled) { // the probe has left
		return failed
	}
	if failed != nil {
		requestInfo(r.Context()).Err = failed
		w.Header().Set("Retry-After", seconds(retryAfter))
		return writeText(w, http.StatusServiceUnavailable, report)
	}
	return writeText(w, http.StatusOK, report)
}

func writeText(w http.ResponseWriter, status int, body string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // the client has gone; there is no one to tell
	return nil
}

// static serves the files that are the same for everyone.
func (s *Server) static(w http.ResponseWriter, r *http.Request) error {
	if !s.config.Assets.Serve(w, r) {
		return errNotFound
	}
	return nil
}

// forADay lets anyone cache what changes seldom and is not personal.
const forADay = "public, max-age=86400"

// robots keeps search engines to the pages that are the same for everyone.
func (s *Server) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", forADay)
	return writeText(w, http.StatusOK, strings.Join([]string{
		"User-agent: *", "Disallow: /cart", "Disallow: /checkout", "Disallow: /account", "Disallow: /orders",
		"Disallow: /login",
		"Disallow: /auth", "Sitemap: " + s.origin() + "/sitemap.xml", "",
	}, "\n"))
}

type siteMap struct {
	XMLName xml.Name   `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	Pages   []sitePage `xml:"url"`
}

type sitePage struct {
	Address string `xml:"loc"`
}

func (s *Server) sitemap(w http.ResponseWriter, r *http.Request) error {
	products, err := s.config.Catalog.Snapshot(r.Context())
	if err != nil {
		return err
	}
	paths := []string{"/", "/products", "/cookies"}
	for _, topic := range page.Topics() {
		paths = append(paths, "/"+string(topic))
	}
	for _, room := range catalog.Rooms() {
		paths = append(paths, "/products?"+url.Values{"room": {string(room)}}.Encode())
	}
	for p := range products.All {
		paths = append(paths, "/products/"+p.Slug)
	}
	var m siteMap
	for _, p := range paths {
		m.Pages = append(m.Pages, sitePage{Address: s.origin() + p})
	}
	body, err := xml.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("write site map: %w", err)
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.Header().Set("Cache-Control", forADay)
	_, _ = w.Write(append([]byte(xml.Header), body...)) // the client has gone; there is no one to tell
	return nil
}
