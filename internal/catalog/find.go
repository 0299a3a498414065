package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// Facets count what a search would find if one of its filters were set otherwise.
type Facets struct {
	Rooms     map[Room]int     // with this room; "" for every room
	Colours   map[Colour]int   // in this colour alone
	Materials map[Material]int // of this material alone
	InStock   int              // with only what is in stock
}

// Everywhere counts what the search would find in every room.
func (f Facets) Everywhere() int { return f.Rooms[""] }

// Find runs a search, cleaned first. A page beyond the last is no error but Result.Beyond. A search
// that finds nothing has suggestions. The database is not asked.
func (s *Snapshot) Find(search Search) Result {
	search = search.Clean()
	var found []int
	var facets Facets
	if search.Filtered() {
		found, facets = s.filter(search)
	} else {
		found, facets = s.orders[search.Sort], s.facets
	}
	result := Result{Search: search, Total: len(found), Pages: PagesFor(len(found)), Facets: facets}
	if first := (search.Page - 1) * perPage; first < len(found) {
		for _, i := range found[first:min(first+perPage, len(found))] {
			result.Products = append(result.Products, s.products[i])
		}
	}
	if len(found) == 0 {
		result.Suggestions = s.suggestions(search)
	}
	return result
}

// filter returns the positions that a search finds, in its order, and what other filters would
// find.
func (s *Snapshot) filter(search Search) (found []int, facets Facets) {
	facets = Facets{Rooms: map[Room]int{}, Colours: map[Colour]int{}, Materials: map[Material]int{}}
	for _, i := range s.candidates(search, s.match(search.Query)) {
		p := &s.products[i]
		if p.Price < search.Min || search.Max > 0 && p.Price > search.Max {
			continue
		}
		fails := search.failures(p, s.traits[i])
		facets.count(p, s.traits[i], fails)
		if fails == 0 {
			found = append(found, i)
		}
	}
	return found, facets
}

// The filters that a product can fail, one bit each.
const (
	byRoom = 1 << iota
	byColour
	byMaterial
	byStock
)

// traits are what a product is found by in the filters.
type traits struct {
	colours   Set[Colour] // one, or none
	materials Set[Material]
}

// failures returns which of the search's filters keep out a product of these traits.
func (s Search) failures(p *Product, of traits) (bits int) {
	if s.Room != "" && p.Room != s.Room {
		bits |= byRoom
	}
	if !s.Colours.Empty() && !s.Colours.meets(of.colours) {
		bits |= byColour
	}
	if !s.Materials.Empty() && !s.Materials.meets(of.materials) {
		bits |= byMaterial
	}
	if s.InStock && p.SoldOut() {
		bits |= byStock
	}
	return bits
}

// count counts a product for each filter that alone keeps it out, and for all when none does.
func (f *Facets) count(p *Product, of traits, fails int) {
	if fails&^byRoom == 0 {
		f.Rooms[p.Room]++
		f.Rooms[""]++
	}
	if fails&^byColour == 0 {
		for colour := range of.colours.All() {
			f.Colours[colour]++
		}
	}
	if fails&^byMaterial == 0 {
		for material := range of.materials.All() {
			f.Materials[material]++
		}
	}
	if fails == 0 && !p.SoldOut() {
		f.InStock++
	}
}

// candidates returns the positions that have points, in the order of the search: the best match
// first in the featured order. Without a query it is every position.
func (s *Snapshot) candidates(search Search, points []int) []int {
	if search.Query == "" {
		return s.orders[search.Sort]
	}
	var positions []int
	for _, i := range s.orders[search.Sort] {
		if points != nil && points[i] > 0 {
			positions = append(positions, i)
		}
	}
	if search.Sort == Featured {
		slices.SortStableFunc(positions, func(a, b int) int { return cmp.Compare(points[b], points[a]) })
	}
	return positions
}

// match returns the points of each product for a query: above 0 where every word of it is found and
// none that a minus excludes.
func (s *Snapshot) match(query string) []int {
	var total []int
	for _, field := range strings.Fields(query) {
		wanted, minus := strings.CutPrefix(field, "-")
		for _, word := range split(Fold(wanted)) {
			if total == nil {
				total = slices.Repeat([]int{oneIf(minus)}, len(s.products))
				if !minus {
					total = s.holding(word)
					continue
				}
			}
			if minus {
				s.exclude(total, word)
			} else {
				both(total, s.holding(word))
			}
		}
	}
	return total
}

// exclude takes the points of the products that hold exactly this word.
func (s *Snapshot) exclude(total []int, word string) {
	if i, ok := slices.BinarySearch(s.words.words, word); ok {
		for _, w := range s.words.places[i] {
			total[w.position] = 0
		}
	}
}

// both leaves total the points of products that have some in both.
func both(total, more []int) {
	for i := range total {
		if total[i] == 0 || more[i] == 0 {
			total[i] = 0
		} else {
			total[i] += more[i]
		}
	}
}

// suggestions are what to look at when a search finds nothing: what most of its words find, else
// the first that are in stock.
func (s *Snapshot) suggestions(search Search) []Product {
	points := make([]int, len(s.products))
	for _, word := range split(Fold(search.Query)) {
		for i, p := range s.holding(word) {
			points[i] += p
		}
	}
	var suggested []Product
	nearest := s.candidates(Search{Query: search.Query, Sort: Featured}, points)
	for _, i := range slices.Concat(nearest[:min(len(nearest), suggestionCount)], s.orders[Featured]) {
		if len(suggested) == suggestionCount {
			break
		}
		if p := s.products[i]; !p.SoldOut() && !slices.Contains(suggested, p) {
			suggested = append(suggested, p)
		}
	}
	return suggested
}
