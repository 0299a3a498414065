package e2e

import (
	"net/url"
	"slices"
	"testing"
)

func TestAListInTwoColoursOnAPhoneAndWithoutScripts(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for name, v := range map[string]*shopper{"a phone": newShopper(t, s), "no scripts": withoutScripts(t, s)} {
		v.turns(narrow)
		v.opens("/products?room=hats")
		v.unfolds("Filter and sort")
		v.ticks("Blue")
		v.ticks("Red")
		v.ticks("Wool")
		v.presses("Apply")
		v.isIn("blue", "red")
		for _, product := range []string{"Harbour Beanie", "Market Beret"} {
			v.sees(product)
		}
		v.unfolds("Filter and sort Hats Red Blue Wool")
		if name == "a phone" {
			v.looks("catalogue-filtered")
			v.turns(narrow)
		}
		v.presses("Remove: Blue")
		v.isIn("red")
		v.unfolds("Filter and sort Hats Red Wool")
		v.ticks("Red") // off again
		v.presses("Apply")
		v.isIn()
		if got := v.query("material"); got != "wool" {
			t.Errorf("%s: the material is %q, want wool still", name, got)
		}
	}
}

// isIn checks which colours the list on the page is asked for.
func (v *shopper) isIn(colours ...string) {
	v.t.Helper()
	u, err := url.Parse(v.address())
	if err != nil {
		v.t.Fatal(err)
	}
	got := u.Query()["colour"]
	slices.Sort(got)
	if !slices.Equal(got, colours) {
		v.t.Fatalf("the list is in %q, want %q: %s", got, colours, v.address())
	}
}
