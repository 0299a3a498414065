package storefront

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/storefront/page"
)

const shopDescription = "Hats, umbrellas, scarves, gloves, bags and hooks: what hangs in a good cloakroom."

func (s *Server) showHome(w http.ResponseWriter, r *http.Request) error {
	featured, err := s.products.Featured(r.Context())
	if err != nil {
		return err
	}
	return s.open(w, r, http.StatusOK, &page.Home{Layout: s.indexable(r, "", shopDescription), Featured: featured})
}

func (s *Server) listProducts(w http.ResponseWriter, r *http.Request) error {
	result, err := s.products.Products(r.Context(), searchOf(r.Form))
	if err != nil {
		return err
	}
	p := &page.Catalogue{Layout: s.indexable(r, result.Search.Room.Name(), shopDescription), Result: result}
	status := http.StatusOK
	if result.Beyond() {
		status, p.NoIndex = http.StatusNotFound, true
	}
	if result.Search.Room != "" {
		p.Canonical += "?" + url.Values{"room": {string(result.Search.Room)}}.Encode()
	}
	return s.open(w, r, status, p)
}

// searchOf reads the form of the list. What makes no sense there is as if it had not been sent; the page shows what was searched.
func searchOf(q url.Values) catalog.Search {
	number, _ := strconv.Atoi(q.Get("page"))
	low, _ := money.Parse(q.Get("min"))
	high, _ := money.Parse(q.Get("max"))
	return catalog.Search{
		Query: q.Get("q"), Room: catalog.Room(q.Get("room")), Min: low, Max: high,
		InStock: q.Get("in_stock") != "" && q.Get("in_stock") != "0", Sort: catalog.Sort(q.Get("sort")), Page: number,
	}.Clean()
}

func (s *Server) showProduct(w http.ResponseWriter, r *http.Request) error {
	slug := chi.URLParam(r, "slug")
	if !catalog.ValidSlug(slug) {
		return errNotFound
	}
	product, err := s.products.Product(r.Context(), slug)
	if err != nil {
		return err
	}
	p, err := s.productPage(r, product)
	if err != nil {
		return err
	}
	return s.open(w, r, http.StatusOK, p)
}

// productPage is the page of a product, wherever it is shown.
func (s *Server) productPage(r *http.Request, product catalog.Product) (*page.Product, error) {
	related, err := s.products.Related(r.Context(), product)
	if err != nil {
		return nil, err
	}
	p := &page.Product{Layout: s.indexable(r, product.Name, product.Summary), Product: product, Related: related}
	p.Canonical = s.origin() + "/products/" + product.Slug
	if p.CartUnits > 0 {
		c, err := s.carts.Cart(r.Context(), s.owner(r))
		if err != nil {
			return nil, err
		}
		line, _ := c.Line(product.SKU)
		p.InCart = line.Quantity
	}
	return p, nil
}

// open answers with a page that anyone may see. For a stranger it holds nothing personal, and the browser may keep it.
func (s *Server) open(w http.ResponseWriter, r *http.Request, status int, p page.Page) error {
	if s.stranger(r) {
		storable(w)
	}
	return s.render(w, r, status, p)
}
