package order_test

import (
	"strings"
	"testing"

	"hookandtag.example/shop/internal/order"
)

// realPostcodes are addresses that exist, the lowest and the highest of each country among them, as
// its post writes them.
var realPostcodes = map[string]string{
	"AT": "1010, 6020, 9992", "BE": "1000, 4000, 9992", "BG": "1000, 4000, 9990", "CY": "1010, 8046, 9940",
	"CZ": "100 00, 602 00, 798 62", "DE": "01067, 10115, 99998", "DK": "0800, 1050, 2100, 9990",
	"EE": "10111, 51007, 96192", "ES": "01001, 28001, 52006", "FI": "00100, 22100, 99990",
	"FR": "01000, 20000, 75001, 97400, 98000", "GR": "104 31, 546 21, 853 00", "HR": "10000, 21000, 53296",
	"HU": "1011, 4024, 9985", "IE": "A41 A027, D02 AF30, D6W XY00, Y35 DK46",
	"IT": "00010, 00118, 20121, 98168", "LT": "01100, 44001, 99069", "LU": "1009, 2420, 9999",
	"LV": "1001, 3401, 5752", "MT": "ATD 1230, VLT 1117, ZTN 4000", "NL": "1011 AB, 3511 LX, 9999 XL",
	"PL": "00-001, 30-001, 99-440", "PT": "1000-001, 4000-008, 9980-999", "RO": "010011, 400001, 927250",
	"SE": "100 04, 411 01, 984 99", "SI": "1000, 2000, 9600", "SK": "010 01, 811 01, 992 01",
}

// nearMisses are what people type of another country, or wrongly, and what no post gave.
var nearMisses = map[string]string{
	"AT": "0999, 10115, 101", "BE": "0999, 10000", "BG": "0999, 10000", "CY": "0999, 10100", "CZ": "800 00, 1000, 099 99",
	"DE": "00999, 1067, 101156, CH-8001", "DK": "0499, 10500", "EE": "01011, 1011", "ES": "00999, 53000, 2800",
	"FI": "00099, 0010", "FR": "00999, 99000, 7500", "GR": "004 31, 904 31, 1043", "HR": "09999, 60000, 1000",
	"HU": "0999, 10000", "IE": "B02 AF30, D02 AF3, D02 AO30, 1234567, D6 W", "IT": "00009, 99000, 0011",
	"LT": "00100, 1100", "LU": "0999, 10000", "LV": "0999, 6001, 10100", "MT": "1117, VL 1117, VLT 111",
	"NL": "0999 AB, 1012, 1012 SA, 1012 SD, 1012 SS, 1012 A", "PL": "00-000, 1000, 00001-2", "PT": "1000, 0999-001",
	"RO": "000011, 10011", "SE": "000 04, 1112", "SI": "0999, 10000", "SK": "511 01, 8110",
}

func TestRealPostcodesAreTakenAndNearMissesAreNot(t *testing.T) {
	t.Parallel()
	for _, c := range order.Countries() {
		for want := range strings.SplitSeq(realPostcodes[c.Code], ", ") {
			for _, typed := range []string{want, strings.ToLower(want), strings.ReplaceAll(want, " ", ""),
				strings.ReplaceAll(want, "-", ""), c.Code + "-" + want, c.Code + " " + want, c.Code + "\u2013" + want,
				strings.NewReplacer("-", "\u2014", " ", "-").Replace(want), strings.ReplaceAll(want, "-", " \uff0d ")} {
				if got, ok := c.FindPostcode(typed); !ok || got != want {
					t.Errorf("%s %q: got %q, %t, want %q", c.Code, typed, got, ok, want)
				}
			}
		}
		for typed := range strings.SplitSeq(nearMisses[c.Code], ", ") {
			if got, ok := c.FindPostcode(typed); ok {
				t.Errorf("%s %q: got %q, want it refused", c.Code, typed, got)
			}
		}
		if realPostcodes[c.Code] == "" || nearMisses[c.Code] == "" {
			t.Errorf("%s: want postcodes and near misses", c.Code)
		}
	}
	finland, _ := order.FindCountry("FI")
	if got, ok := finland.FindPostcode("AX-22100"); !ok || got != "22100" {
		t.Errorf("Åland: got %q, %t, want 22100", got, ok)
	}
}

// FuzzPostcode: what is taken once is taken again, unchanged.
func FuzzPostcode(f *testing.F) {
	for _, c := range order.Countries() {
		f.Add(c.Code, c.Example)
	}
	f.Fuzz(func(t *testing.T, code, typed string) {
		c, ok := order.FindCountry(code)
		if !ok {
			return
		}
		once, ok := c.FindPostcode(typed)
		if twice, again := c.FindPostcode(once); ok && (!again || twice != once || len(once) > 12) {
			t.Errorf("%s %q: got %q, then %q, %t", code, typed, once, twice, again)
		}
	})
}
