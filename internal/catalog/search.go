package catalog

import (
	"strings"

	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/text"
)

const (
	// perPage is the number of products on one page of a list.
	perPage = 12
	// MaxQuery is the number of characters of a query that are looked at.
	MaxQuery = 100
	// maxPage is far beyond any real list, and small enough to multiply.
	maxPage = 1_000_000
)

// Sort is an order in which products are listed.
type Sort string

// The orders a list can have. A text search in the featured order lists the best match first.
const (
	Featured  Sort = "featured"
	PriceUp   Sort = "price"
	PriceDown Sort = "price-down"
	ByName    Sort = "name"
)

// Sorts lists the orders as a form offers them, the default first.
func Sorts() []Sort { return []Sort{Featured, PriceUp, PriceDown, ByName} }

// Name is the order in words.
func (s Sort) Name() string {
	switch s {
	case PriceUp:
		return "Price, lowest first"
	case PriceDown:
		return "Price, highest first"
	case ByName:
		return "Name"
	}
	return "Featured"
}

// Search says which products are wanted and which page of them. The zero Search wants all, featured
// first, page 1.
type Search struct {
	Query     string
	Room      Room          // "": every room
	Colours   Set[Colour]   // any of them; none: every colour
	Materials Set[Material] // any of them; none: every material
	Min       money.Amount  // 0: no lower bound
	Max       money.Amount  // 0: no upper bound
	InStock   bool
	Sort      Sort
	Page      int // from 1
}

// Clean is the search as it will be run, whatever a visitor sent: the query is text without control
// characters and at most MaxQuery characters long, room and sort exist, the page is at least 1, and
// the bounds are the right way round.
func (s Search) Clean() Search {
	s.Query = text.Line(s.Query, MaxQuery)
	if _, ok := ParseRoom(string(s.Room)); !ok {
		s.Room = ""
	}
	s.Sort = cleanSort(s.Sort)
	s.Min, s.Max = max(s.Min, 0), max(s.Max, 0)
	if s.Max > 0 && s.Min > s.Max {
		s.Min, s.Max = s.Max, s.Min
	}
	s.Page = min(max(s.Page, 1), maxPage)
	return s
}

// Filtered reports whether anything narrows the list, so that there is something to clear.
func (s Search) Filtered() bool {
	return s.Query != "" || s.Room != "" || !s.Colours.Empty() || !s.Materials.Empty() ||
		s.Min > 0 || s.Max > 0 || s.InStock
}

// Narrowed reports whether more than a room narrows the list.
func (s Search) Narrowed() bool {
	s.Room = ""
	return s.Filtered()
}

// Result is one page of what a search found.
type Result struct {
	Search      Search    // as it was run
	Products    []Product // at most perPage
	Total       int       // on all pages
	Pages       int       // the number of pages, at least 1
	Suggestions []Product // something else to look at, when nothing was found at all
	Facets      Facets
}

// Beyond reports whether the page asked for lies behind the last one, which is number Pages.
func (r Result) Beyond() bool { return r.Search.Page > r.Pages }

// PagesFor is the number of pages that total products fill; even nothing fills one.
func PagesFor(total int) int {
	return max(1, (total+perPage-1)/perPage)
}

// Fold writes a text in lower case with umlauts as two letters and without accents, so that "Mütze"
// and "muetze" are the same.
func Fold(s string) string {
	return folder.Replace(strings.ToLower(s))
}

var folder = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss",
	"é", "e", "è", "e", "ê", "e", "á", "a", "à", "a", "â", "a",
	"ó", "o", "ò", "o", "ô", "o", "í", "i", "ú", "u", "ñ", "n", "ç", "c", "å", "a", "ø", "o")

func cleanSort(sort Sort) Sort {
	for _, s := range Sorts() {
		if s == sort {
			return s
		}
	}
	return Featured
}
