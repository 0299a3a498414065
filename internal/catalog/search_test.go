package catalog_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
)

func TestAnyQueryBecomesShortPlainText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := string(rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "query"))
		q := catalog.Search{Query: raw}.Clean().Query
		if !utf8.ValidString(q) || strings.ContainsRune(q, 0) || utf8.RuneCountInString(q) > catalog.MaxQuery ||
			q != strings.TrimSpace(q) {
			t.Fatalf("%q became %q", raw, q)
		}
		if again := (catalog.Search{Query: q}).Clean().Query; again != q {
			t.Fatalf("%q became %q when cleaned again", q, again)
		}
	})
}

func TestCleanKeepsWhatAVisitorMeant(t *testing.T) {
	for raw, want := range map[string]string{
		"  rain \t hat ": "rain hat", "Mütze": "Mütze", "ha\x00t": "ha t", "\xff\xfehat": "hat",
		`"rain bowler" -felt`:       `"rain bowler" -felt`,
		strings.Repeat("a", 10_000): strings.Repeat("a", catalog.MaxQuery),
	} {
		if got := (catalog.Search{Query: raw}).Clean().Query; got != want {
			t.Errorf("%.40q became %q, want %q", raw, got, want)
		}
	}
}

func TestCleanMakesASearchThatCanBeRun(t *testing.T) {
	for what, c := range map[string]struct{ from, want catalog.Search }{
		"defaults":       {catalog.Search{}, catalog.Search{Sort: catalog.Featured, Page: 1}},
		"no such room":   {catalog.Search{Room: "cellar"}, catalog.Search{Sort: catalog.Featured, Page: 1}},
		"no such sort":   {catalog.Search{Sort: "random()"}, catalog.Search{Sort: catalog.Featured, Page: 1}},
		"page below one": {catalog.Search{Page: -3}, catalog.Search{Sort: catalog.Featured, Page: 1}},
		"huge page":      {catalog.Search{Page: math.MaxInt}, catalog.Search{Sort: catalog.Featured, Page: 1_000_000}},
		"bounds swapped": {catalog.Search{Min: 50, Max: 10},
			catalog.Search{Min: 10, Max: 50, Sort: catalog.Featured, Page: 1}},
		"no upper bound":  {catalog.Search{Min: 50}, catalog.Search{Min: 50, Sort: catalog.Featured, Page: 1}},
		"negative bounds": {catalog.Search{Min: -5, Max: math.MinInt64}, catalog.Search{Sort: catalog.Featured, Page: 1}},
	} {
		if got := c.from.Clean(); got != c.want {
			t.Errorf("%s: %+v, want %+v", what, got, c.want)
		}
	}
}

func TestAFoldedTextHasPlainLettersOnly(t *testing.T) {
	for text, want := range map[string]string{"Mütze": "muetze", "CAFÉ crème": "cafe creme", "it's": "it's", "": ""} {
		if got := catalog.Fold(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestEvenAnEmptyListHasOnePage(t *testing.T) {
	for total, want := range map[int]int{0: 1, 1: 1, 12: 1, 13: 2, 24: 2, 25: 3} {
		if got := catalog.PagesFor(total); got != want {
			t.Errorf("%d products fill %d pages, want %d", total, got, want)
		}
	}
}

func TestFilteredTellsWhetherThereIsSomethingToClear(t *testing.T) {
	if (catalog.Search{Sort: catalog.PriceUp, Page: 3}).Filtered() {
		t.Error("sort and page narrow nothing")
	}
	for _, s := range []catalog.Search{{Query: "hat"}, {Room: catalog.Hats}, {Min: 1}, {Max: 1}, {InStock: true}} {
		if !s.Filtered() {
			t.Errorf("%+v narrows the list", s)
		}
	}
}

func TestProductsSayHowTheyStand(t *testing.T) {
	for stock, want := range map[int][2]bool{0: {true, false}, 1: {false, true}, 5: {false, true}, 6: {false, false}} {
		p := catalog.Product{Stock: stock}
		if got := [2]bool{p.SoldOut(), p.Few()}; got != want {
			t.Errorf("%d in stock: sold out, few = %v, want %v", stock, got, want)
		}
	}
	if !(catalog.Product{Price: 10, WasPrice: 12}).Reduced() || (catalog.Product{Price: money.Amount(10)}).Reduced() {
		t.Error("reduced is a lower price than before")
	}
}

func TestWhatCannotBeASKUIsKnownWithoutAQuery(t *testing.T) {
	for _, s := range []string{"", "AB", "hat-bowler", "HAT BOWLER", "HAT\x00", "HÄT", "HAT\n", strings.Repeat("A", 21)} {
		if catalog.ValidSKU(s) {
			t.Errorf("%q is no SKU", s)
		}
	}
	if !catalog.ValidSKU("HAT-BOWLER") {
		t.Error("what is valid was refused")
	}
}

func TestEveryRoomHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{catalog.Room("").Name(): true}
	for _, room := range catalog.Rooms() {
		if again, ok := catalog.ParseRoom(string(room)); !ok || again != room || seen[room.Name()] {
			t.Errorf("room %q: %q", room, room.Name())
		}
		seen[room.Name()] = true
	}
}
