package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/catalog/seed"
)

// seeded is the catalogue of the first day.
func seeded(testing.TB) *catalog.Snapshot {
	products := seed.Items()
	slices.SortFunc(products, func(a, b catalog.Product) int { return a.Position - b.Position })
	for i := range products {
		products[i].ID = int64(i + 1)
	}
	return catalog.NewSnapshot(products, catalog.Version{})
}

func search(_ testing.TB, s *catalog.Snapshot, q catalog.Search) catalog.Result { return s.Find(q) }

func nameList(products []catalog.Product) string {
	var n []string
	for _, p := range products {
		n = append(n, p.Name)
	}
	return strings.Join(n, ", ")
}

func TestSearchFindsWhatIsMeant(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	for query, want := range map[string]string{
		"drizzle": "Drizzle", "DRIZZLE": "Drizzle", "umbr": "Pocket Squall", "umbrellas": "Pocket Squall", "brell": "Two-Up",
		"umbrela": "Pocket Squall",
		"mütze":   "Courier Cap", "MÜTZE": "Courier Cap", "muetze": "Courier Cap", "mutze": "Courier Cap",
		"botenm":    "Courier Cap",
		"Göttingen": "Courier Cap", "rain bowl": "Rain Bowler", `"rain bowler"`: "Rain Bowler", "scarves": "Signal",
		"mittens": "Kindling Mittens",
		"mitten":  "Kindling Mittens", "two-up": "Two-Up", "moth": "Cedar Blocks", "hat -felt": "Noon Panama",
	} {
		for _, sort := range []catalog.Sort{catalog.Featured, catalog.ByName} {
			found := false
			for page := 1; page <= 3; page++ {
				found = found ||
					strings.Contains(nameList(search(t, s, catalog.Search{Query: query, Sort: sort, Page: page}).Products), want)
			}
			if total := search(t, s, catalog.Search{Query: query}).Total; found != true || (want == "") != (total == 0) {
				t.Errorf("%q by %s: %d found, %q among them: %v", query, sort, total, want, found)
			}
		}
	}
	if got := search(t, s, catalog.Search{Query: "herringbone"}).Products[0].Name; got != "Herringbone" {
		t.Errorf("the best match comes first, not %s", got)
	}
	if got := nameList(search(t, s, catalog.Search{Query: "hat -felt"}).Products); strings.Contains(got, "Felt Fedora") {
		t.Errorf("excluded, yet found: %s", got)
	}
}

func TestWarmHatsAreThoseOfWool(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	want := nameList(search(t, s, catalog.Search{Room: catalog.Hats, Sort: catalog.ByName,
		Materials: catalog.SetOf[catalog.Material]("wool")}).Products)
	for _, query := range []string{"warm hat", "winter hats", "wool hat"} {
		got := search(t, s, catalog.Search{Query: query, Sort: catalog.ByName})
		if names := nameList(got.Products); names != want || want == "" {
			t.Errorf("%q: found %s, want %s", query, names, want)
		}
	}
}

func TestEachWordMayHaveATypo(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	for _, query := range []string{"woollen beanie", "woolen beanie", "wollen beenie", "beenie wollen", "wolen hat"} {
		got := search(t, s, catalog.Search{Query: query})
		if !strings.Contains(nameList(got.Products), "Harbour Beanie") {
			t.Errorf("%q: got %q, want the Harbour Beanie among them", query, nameList(got.Products))
		}
	}
}

func TestWhatIsCalledWarmComesBeforeWhatIsOnlyOfWool(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	for _, query := range []string{"warm hat", "hat warm"} {
		got := nameList(search(t, s, catalog.Search{Query: query}).Products)
		beanie, bowler := strings.Index(got, "Harbour Beanie"), strings.Index(got, "Rain Bowler")
		if beanie < 0 || bowler < 0 || beanie > bowler {
			t.Errorf("%q: got %s; want the Harbour Beanie before the Rain Bowler", query, got)
		}
	}
}

func TestTheWordsOfTheFiltersFindWhatTheFiltersDo(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	searches := map[string]catalog.Search{"scarf": {Room: catalog.Scarves}, "glove": {Room: catalog.Gloves}}
	for _, c := range catalog.Colours() {
		searches[string(c)] = catalog.Search{Colours: catalog.SetOf(c)}
	}
	for _, m := range catalog.Materials() {
		searches[string(m)] = catalog.Search{Materials: catalog.SetOf(m)}
	}
	for word, filter := range searches {
		filtered := search(t, s, filter)
		filter.Query = word
		if both := search(t, s, filter); both.Total != filtered.Total || both.Total == 0 {
			t.Errorf("%q finds %d of the %d that the filter finds", word, both.Total, filtered.Total)
		}
	}
}

func TestHostileSearchesAreOnlyFruitless(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	for _, q := range []string{"\x00", "\xff\xfe", "a\x00b", strings.Repeat("x", 10_000), strings.Repeat("ä ", 5_000),
		"'; DROP TABLE products; --", `\`, "%", "_",
		"!!!", "& | ! ( ) : *", "a:*b", `"unclosed`, "-", "--", "- -", "<->", ":*", "the", "ﷺﷺﷺ", "🎩", "a\u2028b", "OR",
		"or or or", "\\\\''"} {
		for _, room := range []catalog.Room{"", catalog.Hats, "\x00"} {
			search(t, s, catalog.Search{Query: q, Room: room, Sort: catalog.Sort(q), Min: -1, Max: 1 << 62, Page: 1 << 40})
			search(t, s, catalog.Search{Query: q})
		}
		if _, err := s.Product(q); !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("slug %q: %v", q, err)
		}
		if _, err := s.ProductBySKU(q); !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("SKU %q: %v", q, err)
		}
	}
}

func TestAPercentSignIsNoWildcard(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	for _, q := range []string{"%", "_", "%%", `\`} {
		if n := search(t, s, catalog.Search{Query: q}).Total; n != 0 {
			t.Errorf("%q finds %d products", q, n)
		}
	}
}

func TestNothingFoundComesWithThreeSuggestions(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	r := search(t, s, catalog.Search{Query: "submarine"})
	if r.Total != 0 || len(r.Suggestions) != 3 || r.Pages != 1 || r.Beyond() {
		t.Errorf("%+v", r)
	}
	if r := search(t, s, catalog.Search{Query: "drizzle"}); len(r.Suggestions) != 0 {
		t.Errorf("suggestions beside a result: %s", nameList(r.Suggestions))
	}
}

func TestFiltersCombine(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	r := search(t, s,
		catalog.Search{Room: catalog.Umbrellas, Min: 30_00, Max: 46_00, InStock: true, Sort: catalog.PriceUp})
	if got := nameList(r.Products); got != "Glasshouse Dome, Drizzle" {
		t.Error(got)
	}
	r = search(t, s, catalog.Search{Room: catalog.Umbrellas, Min: 30_00, Max: 46_00, Sort: catalog.PriceDown})
	if got := nameList(r.Products); got != "Noon Parasol, Drizzle, Glasshouse Dome" {
		t.Error(got)
	}
	r = search(t, s, catalog.Search{Room: catalog.Hats, Sort: catalog.ByName})
	if got := nameList(r.Products[:3]); got != "Courier Cap (Botenmütze), Felt Fedora, Harbour Beanie" {
		t.Error(got)
	}
	if n := search(t, s, catalog.Search{Room: catalog.Hats, Query: "umbrella"}).Total; n != 0 {
		t.Errorf("%d umbrellas among the hats", n)
	}
}

func TestPagesHoldEachProductOnce(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	for _, sort := range catalog.Sorts() {
		seen := map[string]bool{}
		for page := 1; page <= 3; page++ {
			r := search(t, s, catalog.Search{Sort: sort, Page: page})
			if r.Total != 32 || r.Pages != 3 || r.Beyond() {
				t.Errorf("%s, page %d: %d of %d pages, %d products", sort, page, r.Search.Page, r.Pages, r.Total)
			}
			for _, p := range r.Products {
				seen[p.SKU] = true
			}
		}
		if len(seen) != 32 {
			t.Errorf("%s: %d products on three pages", sort, len(seen))
		}
	}
}

func TestAPageBeyondTheLastNamesTheLast(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	if r := search(t, s, catalog.Search{Page: 999}); !r.Beyond() || r.Pages != 3 || r.Total != 32 ||
		len(r.Suggestions) != 0 {
		t.Errorf("page 999: %+v", r)
	}
	if r := search(t, s, catalog.Search{Query: "drizzle", Page: 2}); !r.Beyond() || r.Pages != 1 {
		t.Errorf("page 2 of one: %+v", r)
	}
	if r := search(t, s, catalog.Search{Query: "brell", Page: 2}); !r.Beyond() || r.Pages != 1 {
		t.Errorf("page 2 of what was found inside of words: %+v", r)
	}
}

func TestTheWindowShowsEightThingsThatCanBeHad(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	featured := s.Featured()
	if len(featured) != 8 || slices.ContainsFunc(featured, catalog.Product.SoldOut) {
		t.Errorf("got %s", nameList(featured))
	}
	if featured[0].Name != "Drizzle" {
		t.Errorf("first stands %s", featured[0].Name)
	}
}

func TestRelatedAreFourOthersOfTheRoomSoldOutLast(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	p, err := s.Product("drizzle")
	if err != nil {
		t.Fatal(err)
	}
	related := s.Related(p)
	if len(related) != 4 || related[3].Name != "Noon Parasol" {
		t.Errorf("got %s", nameList(related))
	}
	for _, r := range related {
		if r.ID == p.ID || r.Room != p.Room {
			t.Errorf("%s is related to %s", r.Name, p.Name)
		}
	}
}
