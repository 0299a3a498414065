package order_test

import (
	"slices"
	"testing"

	"hookandtag.example/shop/internal/order"
)

// euMembers are the member states of the European Union since 2020, by ISO 3166-1.
var euMembers = []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
	"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}

func TestTheShopDeliversToTheWholeEU(t *testing.T) {
	var codes, names []string
	for _, c := range order.Countries() {
		codes, names = append(codes, c.Code), append(names, c.Name)
	}
	if names[0] != "Germany" || !slices.IsSorted(names[1:]) {
		t.Errorf("got %v, want home first, then by name", names)
	}
	if slices.Sort(codes); !slices.Equal(codes, euMembers) {
		t.Errorf("got %v, want %v", codes, euMembers)
	}
}

func TestPostcodesOfTheRestOfTheEU(t *testing.T) {
	for _, c := range []struct{ country, typed, want string }{ // "" is refused
		{"BG", "BG-1000", "1000"}, {"BG", "0100", ""}, {"HR", "HR-10000", "10000"}, {"HR", "60000", ""},
		{"CY", "1010", "1010"}, {"CY", "10100", ""}, {"CZ", "11000", "110 00"}, {"CZ", "CZ 110 00", "110 00"},
		{"CZ", "810 00", ""},
		{"EE", "10111", "10111"}, {"EE", "1011", ""}, {"FI", "FIN-00100", "00100"}, {"FI", "00000", ""},
		{"GR", "10431", "104 31"}, {"GR", "904 31", ""}, {"HU", "H-1051", "1051"}, {"HU", "0051", ""},
		{"LV", "LV-1010", "1010"}, {"LV", "101", ""}, {"LT", "LT-01100", "01100"}, {"LT", "00100", ""},
		{"MT", "vlt1117", "VLT 1117"}, {"MT", "MTP 1010", "MTP 1010"}, {"MT", "1117", ""},
		{"PT", "1000001", "1000-001"}, {"PT", "1000", ""}, {"RO", "010011", "010011"}, {"RO", "000011", ""},
		{"SK", "81101", "811 01"}, {"SK", "511 01", ""}, {"SI", "SLO-1000", "1000"}, {"SI", "0100", ""},
	} {
		country, _ := order.FindCountry(c.country)
		if got, ok := country.FindPostcode(c.typed); got != c.want || ok != (c.want != "") {
			t.Errorf("%s %q: got %q, %v, want %q", c.country, c.typed, got, ok, c.want)
		}
	}
}
