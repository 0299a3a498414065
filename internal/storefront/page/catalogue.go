package page

import (
	"fmt"
	"net/url"
	"strconv"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
)

// Catalogue is the list of products that a search found: all of them, one room, or
// whatever the form in it asks for. Nothing found shows the suggestions and how to clear
// the filters; a page beyond the last one (404) shows the way to the last one.
type Catalogue struct {
	Layout
	Result catalog.Result
	// Errors say why filters make no sense, by field (422, and Layout.HasErrors). The list is shown
	// without them.
	Errors map[string]string
	// Typed is what was typed into the price fields.
	Typed map[string]string
}

// Bound is what stands in the field of a price: the bound that was searched with, or what was typed
// there wrongly.
func (c *Catalogue) Bound(field string) string {
	switch amount := map[string]money.Amount{"min": c.Result.Search.Min, "max": c.Result.Search.Max}[field]; {
	case c.Errors[field] != "":
		return c.Typed[field]
	case amount > 0:
		return amount.Decimal()
	}
	return ""
}

func (*Catalogue) template() string { return "catalogue" }

// kept leaves out lists that more than a room and the stock narrow: there are too many.
func (c *Catalogue) kept() (pageKey, *catalog.Snapshot) {
	s := c.Result.Search
	few := catalog.Search{Room: s.Room, InStock: s.InStock, Sort: s.Sort, Page: s.Page}
	if c.Of == nil || s != few || len(c.Errors) > 0 || c.Result.Beyond() {
		return pageKey{}, nil
	}
	return pageKey{name: c.template(), head: c.head(), search: s}, c.Of
}

func (c *Catalogue) common(n numbers) Page {
	return &Catalogue{Layout: c.head().layout(n), Result: c.Result}
}

// Room is the room searched; "": all of them.
func (c *Catalogue) Room() catalog.Room { return c.Result.Search.Room }

// RoomOfFew is the one room in which a search by words found a few things, so that the page can
// lead on to the rest of it; "" for longer lists, and for things of several rooms.
func (c *Catalogue) RoomOfFew() catalog.Room {
	const few = 3
	found := c.Result.Products
	if c.Query() == "" || len(found) == 0 || c.Result.Total > few {
		return ""
	}
	for _, p := range found {
		if p.Room != found[0].Room {
			return ""
		}
	}
	return found[0].Room
}

// Query is what was searched for.
func (c *Catalogue) Query() string { return c.Result.Search.Query }

// Choice is one thing that the filters are set to.
type Choice struct {
	Name    string
	Without string // the address of the list without it
}

// Choices are what the filters are set to, apart from the words searched for.
func (c *Catalogue) Choices() []Choice {
	s := c.Result.Search
	s.Page = 1
	var set []Choice
	choose := func(name string, drop func(without *catalog.Search)) {
		without := s
		drop(&without)
		set = append(set, Choice{name, listURL(without)})
	}
	if s.Room != "" {
		choose(s.Room.Name(), func(without *catalog.Search) { without.Room = "" })
	}
	for colour := range s.Colours.All() {
		choose(colour.Name(), func(without *catalog.Search) { without.Colours = s.Colours.Without(colour) })
	}
	for material := range s.Materials.All() {
		choose(material.Name(), func(without *catalog.Search) { without.Materials = s.Materials.Without(material) })
	}
	if s.Min > 0 || s.Max > 0 {
		choose(band(s.Min, s.Max), func(without *catalog.Search) { without.Min, without.Max = 0, 0 })
	}
	if s.InStock {
		choose("in stock", func(without *catalog.Search) { without.InStock = false })
	}
	if s.Sort != "" && s.Sort != catalog.Featured {
		choose(s.Sort.Name(), func(without *catalog.Search) { without.Sort = catalog.Featured })
	}
	return set
}

// band is a range of prices in words; 0 is no bound.
func band(least, most money.Amount) string {
	switch {
	case most == 0:
		return fmt.Sprintf("from %s", least)
	case least == 0:
		return fmt.Sprintf("up to %s", most)
	}
	return fmt.Sprintf("%s to %s", least, most)
}

// Option is what a filter offers: what it would find stands beside it.
type Option struct {
	Value, Name string
	Count       int
	Set         bool
}

// Options are what a filter ("room", "colour" or "material") offers: what would find something, and
// what is set.
func (c *Catalogue) Options(filter string) []Option {
	s, facets := c.Result.Search, c.Result.Facets
	var offered []Option
	offer := func(value, name string, count int, set bool) {
		if count > 0 || set {
			offered = append(offered, Option{value, name, count, set})
		}
	}
	switch filter {
	case "room":
		for _, room := range catalog.Rooms() {
			offer(string(room), room.Name(), facets.Rooms[room], room == s.Room)
		}
	case "colour":
		for _, colour := range catalog.Colours() {
			offer(string(colour), colour.Name(), facets.Colours[colour], s.Colours.Has(colour))
		}
	case "material":
		for _, material := range catalog.Materials() {
			offer(string(material), material.Name(), facets.Materials[material], s.Materials.Has(material))
		}
	}
	return offered
}

// PageURL is the address of page n of the same search.
func (c *Catalogue) PageURL(n int) string {
	s := c.Result.Search
	s.Page = n
	return listURL(s)
}

// listURL is the address of a list. Defaults are left out of it.
func listURL(s catalog.Search) string {
	q := url.Values{}
	set := func(name, value string, wanted bool) {
		if wanted {
			q.Set(name, value)
		}
	}
	set("q", s.Query, s.Query != "")
	set("room", string(s.Room), s.Room != "")
	for colour := range s.Colours.All() {
		q.Add("colour", string(colour))
	}
	for material := range s.Materials.All() {
		q.Add("material", string(material))
	}
	set("min", s.Min.Decimal(), s.Min > 0)
	set("max", s.Max.Decimal(), s.Max > 0)
	set("in_stock", "1", s.InStock)
	set("sort", string(s.Sort), s.Sort != "" && s.Sort != catalog.Featured)
	set("page", strconv.Itoa(s.Page), s.Page > 1)
	if len(q) == 0 {
		return "/products"
	}
	return "/products?" + q.Encode()
}

// Previous is the page before the current one.
func (c *Catalogue) Previous() int { return c.Result.Search.Page - 1 }

// Next is the page after the current one.
func (c *Catalogue) Next() int { return c.Result.Search.Page + 1 }

// PageNumbers are the pages to link to: the first, the last, and two around the current
// one. A 0 stands for a gap.
func (c *Catalogue) PageNumbers() []int {
	var numbers []int
	current := c.Result.Search.Page
	for n, last := 1, 0; n <= c.Result.Pages; n++ {
		near := n >= current-1 && n <= current+1
		if !near && n != 1 && n != c.Result.Pages {
			continue
		}
		if n > last+1 {
			numbers = append(numbers, 0)
		}
		numbers, last = append(numbers, n), n
	}
	return numbers
}

// Chosen reports whether the form asks for more than the words to look for.
func (c *Catalogue) Chosen() bool {
	s := c.Result.Search
	s.Query = ""
	return s.Filtered()
}
