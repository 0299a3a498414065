package catalog_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/catalog"
)

func TestASetHoldsEachValueOnceAndInTheOrderOfTheForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.SliceOf(rapid.SampledFrom([]string{"", "red", "blue", "grey", "Red", "ultraviolet"})).Draw(t, "typed")
		set, known := catalog.ParseSet[catalog.Colour](typed)
		var want []catalog.Colour
		for _, colour := range catalog.Colours() {
			if slices.Contains(typed, string(colour)) {
				want = append(want, colour)
			}
		}
		if got := slices.Collect(set.All()); !slices.Equal(got, want) || set.Empty() != (len(want) == 0) {
			t.Fatalf("got %q, want %q", got, want)
		}
		if wrong := slices.Contains(typed, "Red") || slices.Contains(typed, "ultraviolet"); known == wrong {
			t.Fatalf("known: got %t, want %t", known, !wrong)
		}
		for _, colour := range catalog.Colours() {
			if set.Has(colour) != slices.Contains(want, colour) || set.Without(colour).Has(colour) {
				t.Fatalf("%q: got %t in it, or still in it without", colour, set.Has(colour))
			}
		}
		if set != catalog.SetOf(want...) {
			t.Fatal("two sets of the same are different")
		}
	})
}

// Either of two colours, and either of two materials.
func TestAProductFitsWithOneOfTheColoursAndOneOfTheMaterials(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	colours, materials := catalog.SetOf[catalog.Colour]("red", "blue"), catalog.SetOf[catalog.Material]("wool", "silk")
	var want []string
	for p := range s.All {
		made := p.Materials()
		if (p.Colour() == "red" || p.Colour() == "blue") && (made.Has("wool") || made.Has("silk")) {
			want = append(want, p.Name)
		}
	}
	result := search(t, s, catalog.Search{Colours: colours, Materials: materials})
	if got := names(result.Products); !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("got %q, want %q", got, want)
	}
	one := search(t, s, catalog.Search{Colours: catalog.SetOf[catalog.Colour]("red"), Materials: materials})
	if one.Total == 0 || one.Total >= result.Total {
		t.Errorf("red alone: got %d of %d", one.Total, result.Total)
	}
}
