package catalog_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
)

// few is a small catalogue in the featured order.
func few() []catalog.Product {
	return []catalog.Product{
		{ID: 1, SKU: "HAT-BOWLER", Slug: "rain-bowler", Name: "Rain Bowler", Room: catalog.Hats,
			Summary: "A hard hat for wet days", Tone: "ink", Weave: "plain", Silhouette: "bowler", Price: 6400, Stock: 3,
			Material: "Wool felt, cotton band"},
		{ID: 2, SKU: "UMB-DRIZZLE", Slug: "drizzle", Name: "Drizzle", Room: catalog.Umbrellas,
			Summary: "An umbrella with a wooden handle", Tone: "sky", Weave: "stripe", Silhouette: "umbrella", Price: 3900,
			Stock: 9, Position: 1, Material: "Polyester canopy, chestnut handle"},
		{ID: 3, SKU: "HAT-MUETZE", Slug: "muetze", Name: "Mütze", Room: catalog.Hats, Summary: "Warm béret of wool",
			Tone: "wine", Weave: "ribbed", Silhouette: "beanie", Price: 2400, Stock: 0, Position: 2,
			Material: "Merino wool"},
		{ID: 4, SKU: "GLV-RAIL", Slug: "handrail", Name: "Handrail", Room: catalog.Gloves, Summary: "Gloves for cold rails",
			Tone: "brass", Weave: "ribbed", Silhouette: "glove", Price: 2900, Stock: 20, Position: 3},
	}
}

func names(products []catalog.Product) []string {
	var names []string
	for _, p := range products {
		names = append(names, p.Name)
	}
	return names
}

func TestSearchFindsWhatPeopleMean(t *testing.T) {
	s := catalog.NewSnapshot(few(), catalog.Version{})
	for query, want := range map[string][]string{
		"bowler":          {"Rain Bowler"},
		"bowl":            {"Rain Bowler"},
		"owle":            {"Rain Bowler"},       // inside of a word
		"umbrela":         {"Drizzle"},           // a letter too few
		"umbrealla":       {"Drizzle"},           // one too many
		"umbrelal":        {"Drizzle"},           // two swapped
		"ombrella":        {"Drizzle"},           // another one
		"black hat":       {"Rain Bowler"},       // a colour as people call it
		"red":             {"Mütze"},             //
		"muetze":          {"Mütze"},             //
		"mutze":           {"Mütze"},             // without the dots
		"MÜTZE":           {"Mütze"},             //
		"béret":           {"Mütze"},             //
		"HAT-BOWLER":      {"Rain Bowler"},       // the number on its page
		"hatbowler":       {"Rain Bowler"},       //
		"striped":         {"Drizzle"},           // one letter from "stripe", as a typo
		"ribbed":          {"Mütze", "Handrail"}, // a pattern
		"hats -merino":    {"Rain Bowler"},       //
		"rail":            {"Handrail"},          // best where a word begins like it
		"hat gloves":      nil,                   //
		"ombrella drizle": {"Drizzle"},           // a typo in each word
		"zzzz":            nil,                   //
		"'; -- %_\x00":    nil,                   //
	} {
		if got := s.Find(catalog.Search{Query: query}); !slices.Equal(names(got.Products), want) &&
			len(got.Products)+len(want) > 0 {
			t.Errorf("%q: got %q, want %q", query, names(got.Products), want)
		}
	}
}

func TestASearchThatFindsNothingOffersWhatIsNearest(t *testing.T) {
	s := catalog.NewSnapshot(few(), catalog.Version{})
	got := s.Find(catalog.Search{Query: "umbrella zzzz"})
	if got.Total != 0 || got.Pages != 1 || len(got.Suggestions) == 0 || got.Suggestions[0].Name != "Drizzle" {
		t.Errorf("got %q, want the umbrella first", names(got.Suggestions))
	}
	for _, p := range got.Suggestions {
		if p.SoldOut() {
			t.Errorf("got %s, want only what is in stock", p.Name)
		}
	}
}

func TestFacetsCountWhatAnotherFilterWouldFind(t *testing.T) {
	s := catalog.NewSnapshot(few(), catalog.Version{})
	rapid.Check(t, func(t *rapid.T) {
		search := catalog.Search{
			Query: rapid.SampledFrom([]string{"", "hat", "ribbed", "r"}).Draw(t, "query"),
			Room:  rapid.SampledFrom(append(catalog.Rooms(), "")).Draw(t, "room"),
			Max:   money.Amount(rapid.IntRange(0, 7000).Draw(t, "max")), InStock: rapid.Bool().Draw(t, "in stock"),
			Colours:   catalog.SetOf(rapid.SliceOf(rapid.SampledFrom(catalog.Colours())).Draw(t, "colours")...),
			Materials: catalog.SetOf(rapid.SliceOf(rapid.SampledFrom(catalog.Materials())).Draw(t, "materials")...),
		}
		facets := s.Find(search).Facets
		for _, room := range append(catalog.Rooms(), "") {
			other := search
			other.Room = room
			if got, want := facets.Rooms[room], s.Find(other).Total; got != want {
				t.Fatalf("%+v with room %q: got %d, want %d", search, room, got, want)
			}
		}
		for _, colour := range catalog.Colours() {
			other := search
			other.Colours = catalog.SetOf(colour)
			if got, want := facets.Colours[colour], s.Find(other).Total; got != want {
				t.Fatalf("%+v in %q: got %d, want %d", search, colour, got, want)
			}
		}
		for _, material := range catalog.Materials() {
			other := search
			other.Materials = catalog.SetOf(material)
			if got, want := facets.Materials[material], s.Find(other).Total; got != want {
				t.Fatalf("%+v of %q: got %d, want %d", search, material, got, want)
			}
		}
		search.InStock = true
		if got, want := facets.InStock, s.Find(search).Total; got != want {
			t.Fatalf("%+v in stock: got %d, want %d", search, got, want)
		}
	})
}

func TestEveryPageOfEveryOrderTogetherIsTheWholeList(t *testing.T) {
	var products []catalog.Product
	for i := range 50 {
		products = append(products, catalog.Product{
			ID: int64(i + 1), SKU: fmt.Sprintf("SKU-%d", i), Slug: fmt.Sprintf("p-%d", i), Name: fmt.Sprintf("Hat %d", i%7),
			Room: catalog.Rooms()[i%6], Price: money.Amount(100 + i%5), Stock: i % 3, Position: i,
		})
	}
	s := catalog.NewSnapshot(products, catalog.Version{})
	for _, sort := range catalog.Sorts() {
		for _, query := range []string{"", "hat"} {
			seen := map[int64]bool{}
			first := s.Find(catalog.Search{Sort: sort, Query: query})
			for page := 1; page <= first.Pages; page++ {
				for _, p := range s.Find(catalog.Search{Sort: sort, Query: query, Page: page}).Products {
					seen[p.ID] = true
				}
			}
			if len(seen) != len(products) || first.Total != len(products) {
				t.Errorf("%s %q: got %d products on %d pages, want %d", sort, query, len(seen), first.Pages, len(products))
			}
		}
	}
	if beyond := s.Find(catalog.Search{Page: 99}); !beyond.Beyond() || beyond.Pages != 5 || len(beyond.Products) != 0 {
		t.Errorf("page 99 of 5: got %d products of %d pages", len(beyond.Products), beyond.Pages)
	}
}

func TestAChangedProductReplacesTheOldOne(t *testing.T) {
	old := catalog.NewSnapshot(few(), catalog.Version{Horizon: 1})
	sold, renamed, added := few()[0], few()[1], few()[3]
	sold.Stock = 0
	renamed.Name, renamed.Slug = "Cloudburst", "cloudburst"
	added.ID, added.SKU, added.Slug, added.Name, added.Position = 9, "NEW-ONE", "new-one", "Newcomer", 0
	next := old.With([]catalog.Product{sold}, catalog.Version{Horizon: 2}).With([]catalog.Product{renamed, added},
		catalog.Version{Horizon: 3})

	if p, err := next.Product("rain-bowler"); err != nil || !p.SoldOut() {
		t.Errorf("got %+v, %v; want it sold out", p, err)
	}
	if _, err := next.Product("drizzle"); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("old address: got %v, want %v", err, catalog.ErrNotFound)
	}
	if got := names(next.Find(catalog.Search{Query: "cloudburst"}).Products); !slices.Equal(got, []string{"Cloudburst"}) {
		t.Errorf("got %q, want the new name to be found", got)
	}
	if got, want := names(next.Featured()),
		[]string{"Rain Bowler", "Newcomer", "Cloudburst", "Mütze", "Handrail"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if p, _ := old.Product("rain-bowler"); p.Stock != 3 || len(slices.Collect(old.All)) != 4 {
		t.Errorf("the old snapshot has changed: %+v", p)
	}
}

func TestRelatedProductsAreOfTheRoomAndInStockFirst(t *testing.T) {
	s := catalog.NewSnapshot(few(), catalog.Version{})
	bowler, err := s.ProductBySKU("HAT-BOWLER")
	if got := names(s.Related(bowler)); err != nil || !slices.Equal(got, []string{"Mütze"}) {
		t.Errorf("got %q, %v; want the other hat", got, err)
	}
	if _, err := s.ProductByID(99); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("got %v, want %v", err, catalog.ErrNotFound)
	}
}

func BenchmarkFindAmongManyProducts(b *testing.B) {
	var products []catalog.Product
	for i := range 100_000 {
		products = append(products, catalog.Product{
			ID: int64(i), SKU: fmt.Sprintf("SKU-%06d", i), Slug: fmt.Sprintf("hat-%d", i), Name: fmt.Sprintf("Hat number %d", i),
			Room: catalog.Rooms()[i%6], Summary: "One of many", Price: money.Amount(i), Stock: i % 3,
		})
	}
	s := catalog.NewSnapshot(products, catalog.Version{})
	for name, search := range map[string]catalog.Search{
		"nothing": {Query: "umbrella"}, "all": {Query: "hat"}, "last page": {Page: 8334}, "in stock": {InStock: true},
		"typo": {Query: "nubmer"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Find(search)
			}
		})
	}
}
