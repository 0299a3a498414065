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

// complete is a draft that can be ordered with.
func complete() order.Draft {
	return order.Draft{Name: "Alice Example", Street: "Rail 7", Postcode: "10115", City: "Berlin", Country: "DE", Delivery: order.Post}
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
	wrong := order.Draft{}.Validate()
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
	if wrong := complete().Validate(); len(wrong) != 0 {
		t.Errorf("a complete draft: %v", wrong)
	}
}

func TestOneFieldAtATimeIsRefused(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*order.Draft)
		field  string
	}{
		"no name":                     {func(d *order.Draft) { d.Name = "" }, "name"},
		"long name":                   {func(d *order.Draft) { d.Name = strings.Repeat("é", order.MaxName+1) }, "name"},
		"long street":                 {func(d *order.Draft) { d.Street = strings.Repeat("a", order.MaxStreet+1) }, "street"},
		"long city":                   {func(d *order.Draft) { d.City = strings.Repeat("a", order.MaxCity+1) }, "city"},
		"long postcode":               {func(d *order.Draft) { d.Postcode = strings.Repeat("1", order.MaxPostcode+1) }, "postcode"},
		"postcode of another country": {func(d *order.Draft) { d.Postcode = "1012 AB" }, "postcode"},
		"postcode of letters":         {func(d *order.Draft) { d.Postcode = "ABCDE" }, "postcode"},
		"country we do not serve":     {func(d *order.Draft) { d.Country = "US" }, "country"},
		"no delivery":                 {func(d *order.Draft) { d.Delivery = "" }, "delivery"},
		"drone":                       {func(d *order.Draft) { d.Delivery = "drone" }, "delivery"},
	} {
		d := complete()
		c.change(&d)
		if wrong := d.Validate(); len(wrong) != 1 || wrong[0].Field != c.field {
			t.Errorf("%s: %v, want one about %s", what, wrong, c.field)
		}
	}
}

func TestTheLongestFieldsAreTaken(t *testing.T) {
	d := complete()
	d.Name, d.Street, d.City = strings.Repeat("é", order.MaxName), strings.Repeat("a", order.MaxStreet), strings.Repeat("a", order.MaxCity)
	if wrong := d.Clean().Validate(); len(wrong) != 0 {
		t.Error(wrong)
	}
}

func TestEachCountryTakesItsOwnPostcodes(t *testing.T) {
	for _, c := range order.Countries() {
		d := complete()
		d.Country, d.Postcode = c.Code, c.Postcode
		if wrong := d.Validate(); len(wrong) != 0 {
			t.Errorf("%s: %v", c.Name, wrong)
		}
		d.Postcode = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(c.Postcode))
		if wrong := d.Clean().Validate(); len(wrong) != 0 {
			t.Errorf("%s, written %q: %v", c.Name, d.Postcode, wrong)
		}
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
		d := order.Draft{Name: raw, Street: raw, Postcode: raw, City: raw, Country: raw, Delivery: order.Delivery(raw)}.Clean()
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
	if wrong := d.Clean().Validate(); len(wrong) != 1 || wrong[0].Field != "name" {
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
	for _, s := range []string{"", "HT-", "HT-ABCD-EFG", "ht-abcd-efgh", "HT-ABCD-EFGH\x00", "HT-ABCI-EFGH", "HT-AB0D-EFGH", "1", "HT-ABCD-EFGH' OR 1=1"} {
		if order.ValidNumber(s) {
			t.Errorf("%q is no number", s)
		}
	}
	for _, s := range []string{"", "x", strings.Repeat("A", 31), strings.Repeat("A", 33), strings.Repeat("\x00", 32), strings.Repeat("+", 32)} {
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
