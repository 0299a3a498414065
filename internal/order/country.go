package order

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Country is where the shop delivers to.
type Country struct {
	Code    string // ISO 3166-1 alpha-2
	Name    string
	Example string // a postcode, written as the country's post writes it
	form    *postcodeForm
}

// postcodeForm is what the postcodes of a country look like.
type postcodeForm struct {
	compact *regexp.Regexp // without blanks and hyphens
	after   int            // where the separator stands; 0: no separator
	between string         // the separator
	marks   []string       // what people write before it: the country's code, or the letters that cars carry
}

// countries are in the order of Countries. The forms leave out what no post office has given, such
// as 00000.
var countries = []Country{
	{"DE", "Germany", "10115", plain(`(0[1-9]|[1-9]\d)\d{3}`, "DE", "D")},
	{"AT", "Austria", "1010", plain(`[1-9]\d{3}`, "AT", "A")},
	{"BE", "Belgium", "1000", plain(`[1-9]\d{3}`, "BE", "B")},
	{"BG", "Bulgaria", "1000", plain(`[1-9]\d{3}`, "BG")},
	{"HR", "Croatia", "10000", plain(`[1-5]\d{4}`, "HR")},
	{"CY", "Cyprus", "1010", plain(`[1-9]\d{3}`, "CY")},
	{"CZ", "Czechia", "110 00", parted(3, " ", `[1-7]\d{4}`, "CZ")},
	{"DK", "Denmark", "1050", plain(`(0[5-9]|[1-9]\d)\d{2}`, "DK")},
	{"EE", "Estonia", "10111", plain(`[1-9]\d{4}`, "EE")},
	{"FI", "Finland", "00100", plain(`(00[1-9]|0[1-9]\d|[1-9]\d\d)\d\d`, "FI", "FIN", "AX")},
	{"FR", "France", "75001", plain(`(0[1-9]|[1-8]\d|9[0-8])\d{3}`, "FR", "F")},
	{"GR", "Greece", "104 31", parted(3, " ", `[1-8]\d{4}`, "GR")},
	{"HU", "Hungary", "1051", plain(`[1-9]\d{3}`, "HU", "H")},
	{"IE", "Ireland", "D02 AF30", parted(3, " ", `(D6W|[AC-FHKNPRTV-Y]\d\d)[0-9AC-FHKNPRTV-Y]{4}`, "IE", "IRL")},
	{"IT", "Italy", "00118", plain(`(000[1-9]|001\d|(0[1-9]|[1-8]\d|9[0-8])\d\d)\d`, "IT", "I")},
	{"LV", "Latvia", "1010", plain(`[1-5]\d{3}`, "LV")},
	{"LT", "Lithuania", "01100", plain(`(0[1-9]|[1-9]\d)\d{3}`, "LT")},
	{"LU", "Luxembourg", "1009", plain(`[1-9]\d{3}`, "LU", "L")},
	{"MT", "Malta", "VLT 1117", parted(3, " ", `[A-Z]{3}\d{4}`, "MT")},
	{"NL", "Netherlands", "1012 AB", parted(4, " ", `[1-9]\d{3}([A-RT-Z][A-Z]|S[BCE-RT-Z])`, "NL")},
	{"PL", "Poland", "00-001", parted(2, "-", `(0[1-9]|[1-9]\d)\d{3}|00(\d\d[1-9]|\d[1-9]0|[1-9]00)`, "PL")},
	{"PT", "Portugal", "1000-001", parted(4, "-", `[1-9]\d{6}`, "PT", "P")},
	{"RO", "Romania", "010011", plain(`(0[1-9]|[1-9]\d)\d{4}`, "RO")},
	{"SK", "Slovakia", "811 01", parted(3, " ", `[089]\d{4}`, "SK")},
	{"SI", "Slovenia", "1000", plain(`[1-9]\d{3}`, "SI", "SLO")},
	{"ES", "Spain", "28001", plain(`(0[1-9]|[1-4]\d|5[0-2])\d{3}`, "ES", "E")},
	{"SE", "Sweden", "111 20", parted(3, " ", `[1-9]\d{4}`, "SE", "S")},
}

func plain(form string, marks ...string) *postcodeForm { return parted(0, "", form, marks...) }

func parted(after int, between, form string, marks ...string) *postcodeForm {
	return &postcodeForm{regexp.MustCompile(`^(` + form + `)$`), after, between, marks}
}

// Countries lists where the shop delivers to, home first, then by name.
func Countries() []Country { return slices.Clone(countries) }

// FindCountry is the country with that code; ok is false when the shop does not deliver there.
func FindCountry(code string) (country Country, ok bool) {
	for _, c := range countries {
		if c.Code == code {
			return c, true
		}
	}
	return Country{}, false
}

// FindPostcode returns a postcode as the country's post writes it: capitals, its own separator, no
// country before it ("D-10115" is 10115). ok is false for what no postcode of the country looks
// like.
func (c Country) FindPostcode(typed string) (postcode string, ok bool) {
	bare := strings.Map(func(r rune) rune {
		if separator(r) {
			return -1
		}
		return r
	}, strings.ToUpper(typed))
	for _, mark := range append([]string{""}, c.form.marks...) {
		compact, marked := strings.CutPrefix(bare, mark)
		if marked && c.form.compact.MatchString(compact) {
			return compact[:c.form.after] + c.form.between + compact[c.form.after:], true
		}
	}
	return "", false
}

// separator reports whether people put r between the parts of a postcode: a blank, a stop, or any
// kind of dash.
func separator(r rune) bool {
	return unicode.In(r, unicode.Zs, unicode.Pd) || r == '.' || r == '\u2212' // the minus sign
}
