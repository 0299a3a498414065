package order_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/order"
)

// complete has all that an order needs.
func complete() order.Details {
	return order.Details{Name: "Alice Example", Street: "Rail 7", Postcode: "10115", City: "Berlin", Country: "DE",
		Delivery: order.Post}
}

// wrongIn lists all that is wrong with the details.
func wrongIn(d order.Details) []order.FieldProblem {
	return append(d.CheckAddress(), d.CheckDelivery()...)
}

// costing is a cart with one product at that price.
func costing(price money.Amount) cart.Cart {
	return cart.Cart{Lines: []cart.Line{{Product: catalog.Product{SKU: "A", Price: price, Stock: 5}, Quantity: 1}}}
}

func TestDeliveryCostsNothingFromFiftyEuroOrWhenCollected(t *testing.T) {
	for _, c := range []struct {
		subtotal money.Amount
		by       order.Delivery
		want     order.Totals
	}{
		{49_99, order.Post, order.Totals{Subtotal: 49_99, Delivery: 4_90, Total: 54_89, VAT: 8_76}},
		{50_00, order.Post, order.Totals{Subtotal: 50_00, Total: 50_00, VAT: 7_98}},
		{49_99, order.Collect, order.Totals{Subtotal: 49_99, Total: 49_99, VAT: 7_98}},
		{49_99, "", order.Totals{Subtotal: 49_99, Total: 49_99, VAT: 7_98}},
	} {
		if got := order.TotalsOf(costing(c.subtotal), c.by); got != c.want {
			t.Errorf("%s by %q: %+v, want %+v", c.subtotal, c.by, got, c.want)
		}
	}
}

func TestACartOfSoldOutThingsCostsNoDelivery(t *testing.T) {
	c := costing(10_00)
	c.Lines[0].Product.Stock = 0
	if got := order.TotalsOf(c, order.Post); got != (order.Totals{}) {
		t.Errorf("%+v", got)
	}
}

func TestEveryFieldIsAskedFor(t *testing.T) {
	wrong := wrongIn(order.Details{})
	var fields []string
	for _, e := range wrong {
		fields = append(fields, e.Field)
		if e.Text == "" {
			t.Errorf("%s: no sentence", e.Field)
		}
	}
	if got := strings.Join(fields, " "); got != "name street postcode city country delivery" {
		t.Errorf("asked for %s", got)
	}
	if wrong := wrongIn(complete()); len(wrong) != 0 {
		t.Errorf("complete details: %v", wrong)
	}
}

func TestOneFieldAtATimeIsRefused(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*order.Details)
		field  string
	}{
		"no name":                     {func(d *order.Details) { d.Name = "" }, "name"},
		"long name":                   {func(d *order.Details) { d.Name = strings.Repeat("é", 101) }, "name"},
		"long street":                 {func(d *order.Details) { d.Street = strings.Repeat("a", 121) }, "street"},
		"long city":                   {func(d *order.Details) { d.City = strings.Repeat("a", 81) }, "city"},
		"long postcode":               {func(d *order.Details) { d.Postcode = strings.Repeat("1", 13) }, "postcode"},
		"postcode of another country": {func(d *order.Details) { d.Postcode = "1012 AB" }, "postcode"},
		"postcode of letters":         {func(d *order.Details) { d.Postcode = "ABCDE" }, "postcode"},
		"country we do not serve":     {func(d *order.Details) { d.Country = "US" }, "country"},
		"no delivery":                 {func(d *order.Details) { d.Delivery = "" }, "delivery"},
		"drone":                       {func(d *order.Details) { d.Delivery = "drone" }, "delivery"},
	} {
		d := complete()
		c.change(&d)
		if wrong := wrongIn(d); len(wrong) != 1 || wrong[0].Field != c.field {
			t.Errorf("%s: %v, want one about %s", what, wrong, c.field)
		}
	}
}

func TestTheLongestFieldsAreTaken(t *testing.T) {
	d := complete()
	d.Name, d.Street, d.City = strings.Repeat("é", 100), strings.Repeat("a", 120),
		strings.Repeat("a", 80)
	if wrong := wrongIn(d.Clean()); len(wrong) != 0 {
		t.Error(wrong)
	}
}

func TestEachCountryTakesItsOwnPostcodes(t *testing.T) {
	for _, c := range order.Countries() {
		d := complete()
		d.Country, d.Postcode = c.Code, c.Example
		if wrong := wrongIn(d); len(wrong) != 0 {
			t.Errorf("%s: %v", c.Name, wrong)
		}
		d.Postcode = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(c.Example))
		if wrong := wrongIn(d.Clean()); len(wrong) != 0 {
			t.Errorf("%s, written %q: %v", c.Name, d.Postcode, wrong)
		}
	}
}

func TestAPostcodeIsTakenAsPeopleWriteItAndKeptAsThePostDoes(t *testing.T) {
	for _, c := range []struct{ country, typed, want string }{ // "" is refused
		{"DE", "10115", "10115"}, {"DE", "D-10115", "10115"}, {"DE", "d 10115", "10115"}, {"DE", "DE-10115", "10115"},
		{"DE", "D\u201310115", "10115"},
		{"DE", "D\u201110115", "10115"}, {"DE", " 101 15 ", "10115"}, {"DE", "A-10115", ""}, {"DE", "00000", ""},
		{"DE", "1011", ""}, {"DE", "101155", ""},
		{"DE", "00115", ""}, {"DE", "DD10115", ""}, {"DE", "1O115", ""}, {"DE", "\u0661\u0660\u0661\u0661\u0665", ""},
		{"AT", "A-1010", "1010"}, {"AT", "0101", ""}, {"AT", "10115", ""},
		{"BE", "B-1000", "1000"}, {"BE", "BE 1000", "1000"}, {"BE", "0999", ""},
		{"DK", "DK-1050", "1050"}, {"DK", "0800", "0800"}, {"DK", "0000", ""}, {"DK", "D-1050", ""},
		{"FR", "F-75001", "75001"}, {"FR", "97133", "97133"}, {"FR", "00100", ""},
		{"IE", "D02 AF30", "D02 AF30"}, {"IE", "d02af30", "D02 AF30"}, {"IE", "D6W XY00", "D6W XY00"},
		{"IE", "IRL D02 AF30", "D02 AF30"},
		{"IE", "1234567", ""}, {"IE", "ABCDEFG", ""}, {"IE", "D02 AO30", ""}, {"IE", "B02 AF30", ""}, {"IE", "D0W AF30", ""},
		{"IT", "I-00118", "00118"}, {"IT", "98168", "98168"}, {"IT", "00200", ""}, {"IT", "99000", ""},
		{"LU", "L-1009", "1009"}, {"LU", "lu 1009", "1009"}, {"LU", "0009", ""}, {"LU", "L1009L", ""},
		{"NL", "1012ab", "1012 AB"}, {"NL", "NL-1012 AB", "1012 AB"}, {"NL", "1012 SS", ""}, {"NL", "0012 AB", ""},
		{"NL", "1012", ""},
		{"PL", "00001", "00-001"}, {"PL", "PL 99-440", "99-440"}, {"PL", "00-950", "00-950"}, {"PL", "00-000", ""},
		{"PL", "0-0001-", "00-001"},
		{"ES", "E-28001", "28001"}, {"ES", "52001", "52001"}, {"ES", "53001", ""}, {"ES", "00800", ""},
		{"SE", "11120", "111 20"}, {"SE", "S-111 20", "111 20"}, {"SE", "SE 11120", "111 20"}, {"SE", "01120", ""},
	} {
		d := complete()
		d.Country, d.Postcode = c.country, c.typed
		d = d.Clean()
		wrong := wrongIn(d)
		if c.want == "" {
			if len(wrong) != 1 || wrong[0].Field != "postcode" || !strings.Contains(wrong[0].Text, "as in") {
				t.Errorf("%s %q: got %v, want it refused", c.country, c.typed, wrong)
			}
			continue
		}
		if d.Postcode != c.want || len(wrong) > 0 {
			t.Errorf("%s %q: got %q, %v, want %q", c.country, c.typed, d.Postcode, wrong, c.want)
		}
		if again := d.Clean(); again != d {
			t.Errorf("%s %q cleaned again: got %q, want %q", c.country, c.typed, again.Postcode, d.Postcode)
		}
	}
}

// The parcel needs words that somebody can read, and the label shows them as they were typed.
func TestAnAddressOfWhatCannotBeSeenIsNone(t *testing.T) {
	for _, hidden := range []string{"\u200b", "\u200b \u2060", "\u3164", "\u2800", "\u202e\u202c", "\ufeff", "\u00ad",
		"...", "-", "\u0301"} {
		d := complete()
		d.Name, d.Street, d.City = hidden, hidden, hidden
		var fields []string
		for _, e := range wrongIn(d.Clean()) {
			fields = append(fields, e.Field)
		}
		if got := strings.Join(fields, " "); got != "name street city" {
			t.Errorf("%+q: got %q refused, want name street city", hidden, got)
		}
	}
	d := complete()
	d.Street = "\u202e1 teertS kooH\u202c 7"
	if got := d.Clean().Street; got != "1 teertS kooH 7" {
		t.Errorf("a line turned round: got %+q", got)
	}
}

func TestTheNextStepIsTheFirstUnfinishedOne(t *testing.T) {
	d := complete()
	if got := d.Next(); got != order.ReviewStep {
		t.Errorf("complete: %s", got)
	}
	d.Delivery = ""
	if got := d.Next(); got != order.DeliveryStep {
		t.Errorf("no delivery: %s", got)
	}
	d.City = ""
	if got := d.Next(); got != order.AddressStep {
		t.Errorf("no city: %s", got)
	}
}

func TestAnyTextBecomesAFieldTheDatabaseTakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := string(rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(t, "text"))
		d := order.Details{Name: raw, Street: raw, Postcode: raw, City: raw, Country: raw,
			Delivery: order.Delivery(raw)}.Clean()
		for _, s := range []string{d.Name, d.Street, d.Postcode, d.City, d.Country} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || utf8.RuneCountInString(s) > 300 {
				t.Fatalf("%q became %q", raw, s)
			}
		}
		if d.Delivery != "" && d.Delivery != order.Post && d.Delivery != order.Collect {
			t.Fatalf("delivery %q", d.Delivery)
		}
		if again := d.Clean(); again != d {
			t.Fatalf("cleaned twice: %+v, then %+v", d, again)
		}
	})
}

func TestWhatIsTooLongStaysTooLongWhenCleaned(t *testing.T) {
	d := complete()
	d.Name = strings.Repeat("a", 100_000)
	if wrong := wrongIn(d.Clean()); len(wrong) != 1 || wrong[0].Field != "name" {
		t.Error(wrong)
	}
}

func TestOrderNumbersAndKeysAreDrawnAtRandom(t *testing.T) {
	numbers, keys := map[string]bool{}, map[string]bool{}
	for range 1000 {
		number, key := order.NewNumber(), order.NewKey()
		if !order.ValidNumber(number) || numbers[number] {
			t.Fatalf("number %q", number)
		}
		if !order.ValidKey(key) || keys[key] {
			t.Fatalf("key %q", key)
		}
		numbers[number], keys[key] = true, true
	}
}

func TestOrderNumbersHaveNoLookalikes(t *testing.T) {
	for range 1000 {
		if s := order.NewNumber()[3:]; strings.ContainsAny(s, "ILOU01") {
			t.Fatal(s)
		}
	}
}

func TestWhatIsNoNumberOrKeyIsKnownWithoutAQuery(t *testing.T) {
	for _, s := range []string{"", "HT-", "HT-ABCD-EFG", "ht-abcd-efgh", "HT-ABCD-EFGH\x00", "HT-ABCI-EFGH",
		"HT-AB0D-EFGH", "1", "HT-ABCD-EFGH' OR 1=1"} {
		if order.ValidNumber(s) {
			t.Errorf("%q is no number", s)
		}
	}
	for _, s := range []string{"", "x", strings.Repeat("A", 31), strings.Repeat("A", 33), strings.Repeat("\x00", 32),
		strings.Repeat("+", 32)} {
		if order.ValidKey(s) {
			t.Errorf("%q is no key", s)
		}
	}
}

func TestTheOrderCopiesWhatWasBought(t *testing.T) {
	c := costing(12_50)
	c.Lines[0].Quantity = 3
	bought := order.Copy(c.Lines)
	c.Lines[0].Product.Price = 99_00
	if len(bought) != 1 || bought[0].Total() != 37_50 || bought[0].SKU != "A" {
		t.Errorf("%+v", bought)
	}
}
