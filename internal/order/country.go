package order

import "strings"

// Country is where the shop delivers to.
type Country struct {
	Code     string // ISO 3166-1 alpha-2
	Name     string
	Postcode string // an example of its postcodes; each digit stands for any digit, each letter for any letter
}

// Countries lists where the shop delivers to, home first, then by name.
func Countries() []Country {
	return []Country{
		{"DE", "Germany", "10115"},
		{"AT", "Austria", "1010"},
		{"BE", "Belgium", "1000"},
		{"DK", "Denmark", "1050"},
		{"FR", "France", "75001"},
		{"IE", "Ireland", "D02 AF30"},
		{"IT", "Italy", "00118"},
		{"LU", "Luxembourg", "1009"},
		{"NL", "Netherlands", "1012 AB"},
		{"PL", "Poland", "00-001"},
		{"ES", "Spain", "28001"},
		{"SE", "Sweden", "111 20"},
	}
}

// FindCountry is the country with that code; ok is false when the shop does not deliver there.
func FindCountry(code string) (country Country, ok bool) {
	for _, c := range Countries() {
		if c.Code == code {
			return c, true
		}
	}
	return Country{}, false
}

// fits reports whether a postcode looks like the country's, spaces and hyphens not looked at. Irish ones mix digits and letters.
func (c Country) fits(postcode string) bool {
	strip := strings.NewReplacer(" ", "", "-", "")
	want, have := strip.Replace(c.Postcode), strip.Replace(postcode)
	if len(want) != len(have) {
		return false
	}
	for i := range len(want) {
		alike := kind(want[i]) == kind(have[i])
		mixed := c.Code == "IE" && kind(have[i]) != 0
		if !alike && !mixed {
			return false
		}
	}
	return true
}

// kind is 'd' for a digit, 'l' for a capital letter, 0 for anything else.
func kind(b byte) byte {
	switch {
	case b >= '0' && b <= '9':
		return 'd'
	case b >= 'A' && b <= 'Z':
		return 'l'
	}
	return 0
}
