package catalog

import (
	"cmp"
	"slices"
)

// The numbers of products in the short lists.
const (
	featuredCount   = 8
	relatedCount    = 4
	suggestionCount = 3
)

// Version says which state of the database a snapshot shows. Two versions are equal when nothing
// that a page shows has changed between them.
type Version struct {
	// Horizon is a transaction: every change by an earlier one is in the snapshot.
	Horizon int64
	// Later is a checksum of the changes by Horizon and later transactions that the snapshot holds,
	// too.
	Later int64
}

// Snapshot is the whole catalogue at one moment. It never changes and is safe for concurrent use;
// its products must not be changed.
type Snapshot struct {
	Version  Version
	products []Product      // in the featured order
	bySlug   map[string]int // positions in products
	bySKU    map[string]int //
	byID     map[int64]int  //
	orders   map[Sort][]int // the positions, in each order
	rooms    map[Room][]int // the positions of each room, in the featured order
	words    wordList       // for searches
	facets   Facets         // of a list without filters
	traits   []traits       // of each position
}

// NewSnapshot returns the catalogue of these products, which must be in the featured order.
func NewSnapshot(products []Product, version Version) *Snapshot {
	s := &Snapshot{
		Version: version, products: products,
		bySlug: make(map[string]int, len(products)), bySKU: make(map[string]int, len(products)),
		byID: make(map[int64]int, len(products)), rooms: map[Room][]int{},
	}
	for i, p := range products {
		s.bySlug[p.Slug], s.bySKU[p.SKU], s.byID[p.ID] = i, i, i
		s.rooms[p.Room] = append(s.rooms[p.Room], i)
	}
	s.orders = orders(products)
	s.words = index(products)
	for _, p := range products {
		s.traits = append(s.traits, traits{SetOf(p.Colour()), p.Materials()})
	}
	_, s.facets = s.filter(Search{Sort: Featured})
	return s
}

// orders sorts the positions once for each order, so that a page of a list is a slice of them.
func orders(products []Product) map[Sort][]int {
	featured := make([]int, len(products))
	for i := range featured {
		featured[i] = i
	}
	sorted := func(less func(a, b Product) int) []int {
		positions := slices.Clone(featured)
		slices.SortStableFunc(positions, func(a, b int) int {
			return cmp.Or(less(products[a], products[b]), cmp.Compare(products[a].ID, products[b].ID))
		})
		return positions
	}
	names := make(map[int64]string, len(products))
	for _, p := range products {
		names[p.ID] = Fold(p.Name)
	}
	return map[Sort][]int{
		Featured:  featured,
		PriceUp:   sorted(func(a, b Product) int { return cmp.Compare(a.Price, b.Price) }),
		PriceDown: sorted(func(a, b Product) int { return cmp.Compare(b.Price, a.Price) }),
		ByName:    sorted(func(a, b Product) int { return cmp.Compare(names[a.ID], names[b.ID]) }),
	}
}

// Product returns the product with that slug, or ErrNotFound.
func (s *Snapshot) Product(slug string) (Product, error) {
	i, ok := s.bySlug[slug]
	return s.at(i, ok)
}

// ProductBySKU returns the product with that SKU, or ErrNotFound.
func (s *Snapshot) ProductBySKU(sku string) (Product, error) {
	i, ok := s.bySKU[sku]
	return s.at(i, ok)
}

// ProductByID returns the product with that database id, or ErrNotFound.
func (s *Snapshot) ProductByID(id int64) (Product, error) {
	i, ok := s.byID[id]
	return s.at(i, ok)
}

// Sells reports whether a piece of the product with that database id is left. It is false for an id
// that names no product.
func (s *Snapshot) Sells(id int64) bool {
	i, ok := s.byID[id]
	return ok && !s.products[i].SoldOut()
}

func (s *Snapshot) at(i int, ok bool) (Product, error) {
	if !ok {
		return Product{}, ErrNotFound
	}
	return s.products[i], nil
}

// Featured returns the products of the first page, at most featuredCount.
func (s *Snapshot) Featured() []Product {
	return s.products[:min(featuredCount, len(s.products))]
}

// Related returns up to relatedCount other products of p's room, those in stock first.
func (s *Snapshot) Related(p Product) []Product {
	inStock, soldOut := make([]Product, 0, relatedCount), []Product(nil)
	for _, i := range s.rooms[p.Room] {
		other := s.products[i]
		switch {
		case other.ID == p.ID:
		case other.SoldOut():
			soldOut = append(soldOut, other)
		default:
			inStock = append(inStock, other)
		}
		if len(inStock) == relatedCount {
			return inStock
		}
	}
	all := append(inStock, soldOut...)
	return all[:min(relatedCount, len(all))]
}

// All calls yield for every product in the featured order, until it returns false.
func (s *Snapshot) All(yield func(Product) bool) {
	for _, p := range s.products {
		if !yield(p) {
			return
		}
	}
}

// SameProducts reports whether both hold the same products, in all that is known of them.
func (s *Snapshot) SameProducts(other *Snapshot) bool {
	return slices.Equal(s.products, other.products)
}

// With returns a snapshot in which these products, all of a newer version, have replaced those of
// the same id or joined them.
func (s *Snapshot) With(changed []Product, version Version) *Snapshot {
	products, sameButStock := slices.Clone(s.products), true
	for _, p := range changed {
		i, ok := s.byID[p.ID]
		if !ok {
			products, sameButStock = append(products, p), false
			continue
		}
		was := products[i]
		was.Stock = p.Stock
		sameButStock = sameButStock && was == p
		products[i] = p
	}
	if sameButStock { // orders and words stay as they are
		next := *s
		next.products, next.Version = products, version
		_, next.facets = next.filter(Search{Sort: Featured})
		return &next
	}
	slices.SortStableFunc(products, func(a, b Product) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return NewSnapshot(products, version)
}
