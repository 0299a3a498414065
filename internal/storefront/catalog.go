package storefront

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/storefront/page"
	"hookandtag.example/shop/internal/text"
)

const shopDescription = "Hats, umbrellas, scarves, gloves, bags and hooks: what hangs in a good cloakroom."

// products returns the catalogue for a visitor: with a session as it is now, without one as it was
// at most a second ago.
func (s *Server) products(ctx context.Context, v visit) (*catalog.Snapshot, error) {
	if v.live {
		return s.config.Catalog.AsOf(ctx, v.Glance.Catalog)
	}
	return s.config.Catalog.Snapshot(ctx)
}

func (s *Server) showHome(w http.ResponseWriter, r *http.Request, v visit) error {
	products, err := s.products(r.Context(), v)
	if err != nil {
		return err
	}
	p := &page.Home{Layout: s.indexable(r, "", shopDescription), Featured: products.Featured()}
	p.Of = products
	return s.renderPublic(w, r, v, p)
}

func (s *Server) listProducts(w http.ResponseWriter, r *http.Request, v visit) error {
	search, wrong, err := searchOf(r.Form)
	if err != nil {
		return err
	}
	products, err := s.products(r.Context(), v)
	if err != nil {
		return err
	}
	result := products.Find(search)
	p := &page.Catalogue{
		Layout: s.indexable(r, result.Search.Room.Name(), shopDescription), Result: result, Errors: wrong,
		Typed: map[string]string{
			"min": text.Line(r.Form.Get("min"), maxTyped), "max": text.Line(r.Form.Get("max"), maxTyped),
		},
	}
	p.Of, p.Canonical, p.NoIndex = products, s.origin()+canonicalList(result.Search), result.Search.Narrowed()
	status := http.StatusOK
	switch {
	case len(wrong) > 0:
		status, p.NoIndex, p.HasErrors = http.StatusUnprocessableEntity, true, true
	case result.Beyond():
		status, p.NoIndex = http.StatusNotFound, true
	}
	if status != http.StatusOK {
		return s.render(w, r, status, p)
	}
	return s.renderPublic(w, r, v, p)
}

// canonicalList is the address under which search engines keep a page of a list: its room and its
// number are part of it, the order is not.
func canonicalList(search catalog.Search) string {
	query := url.Values{}
	if search.Room != "" {
		query.Set("room", string(search.Room))
	}
	if search.Page > 1 && search.Sort == catalog.Featured {
		query.Set("page", strconv.Itoa(search.Page))
	}
	if len(query) == 0 {
		return "/products"
	}
	return "/products?" + query.Encode()
}

// searchOf reads the form of the list. A filter that makes no sense is left out of the search and
// is in wrong, by field; a page number that is none is errNotFound.
func searchOf(form url.Values) (search catalog.Search, wrong map[string]string, err error) {
	number := 1
	if typed := form.Get("page"); typed != "" {
		if number, err = strconv.Atoi(typed); err != nil || number < 1 {
			return catalog.Search{}, nil, errNotFound
		}
	}
	wrong = map[string]string{}
	amount := func(field string) money.Amount {
		typed := form.Get(field)
		if typed == "" {
			return 0
		}
		amount, err := money.Parse(typed)
		if err != nil {
			wrong[field] = "Enter an amount in euro, such as 25 or 25.50."
		}
		return amount
	}
	colours, known := catalog.ParseSet[catalog.Colour](form["colour"])
	if !known {
		wrong["colour"] = "We have nothing in that colour, so we left it out."
	}
	materials, known := catalog.ParseSet[catalog.Material](form["material"])
	if !known {
		wrong["material"] = "We have nothing of that material, so we left it out."
	}
	search = catalog.Search{
		Query: form.Get("q"), Room: catalog.Room(form.Get("room")), Sort: catalog.Sort(form.Get("sort")), Page: number,
		Colours: colours, Materials: materials,
		InStock: form.Get("in_stock") != "" && form.Get("in_stock") != "0", Min: amount("min"), Max: amount("max"),
	}
	clean := search.Clean()
	if clean.Room != search.Room {
		wrong["room"] = "We have no such room, so this is every room."
	}
	if clean.Sort != search.Sort && search.Sort != "" {
		wrong["sort"] = "We cannot sort by that, so this is our usual order."
	}
	return clean, wrong, nil
}

func (s *Server) showProduct(w http.ResponseWriter, r *http.Request, v visit) error {
	products, err := s.products(r.Context(), v)
	if err != nil {
		return err
	}
	product, err := products.Product(chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	return s.renderPublic(w, r, v, s.productPage(r, v, products, product))
}

// showPicture answers with the drawing of a product. It is the same for everyone.
func (s *Server) showPicture(w http.ResponseWriter, r *http.Request) error {
	products, err := s.config.Catalog.Snapshot(r.Context())
	if err != nil {
		return err
	}
	product, err := products.Product(chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	picture, err := s.config.Pages.Picture(product)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", forADay)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // sites that show a shared link show it too
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(picture) // the client has gone; there is no one to tell
	return nil
}

// productPage is the page of a product, wherever it is shown.
func (s *Server) productPage(
	r *http.Request, v visit, products *catalog.Snapshot, product catalog.Product,
) *page.Product {
	p := &page.Product{Layout: s.indexable(r, product.Name, product.Summary), Product: product,
		Related: products.Related(product)}
	p.Of, p.Canonical = products, s.origin()+"/products/"+product.Slug
	p.Picture = s.origin() + "/pictures/" + product.Slug + ".svg"
	p.InCart = v.Glance.Pieces(product.ID)
	return p
}

// renderPublic answers with a page that anyone may see. For a new visitor it holds nothing
// personal, and the browser may keep it.
func (s *Server) renderPublic(w http.ResponseWriter, r *http.Request, v visit, p page.Page) error {
	if v.isNewVisitor() {
		storable(w)
	}
	return s.render(w, r, http.StatusOK, p)
}
