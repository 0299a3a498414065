package cart_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/money"
)

// product makes a product with plenty of stock, at 10.00.
func product(sku string, change ...func(*catalog.Product)) catalog.Product {
	p := catalog.Product{SKU: sku, Name: sku, Price: 10_00, Stock: 100}
	for _, r := range sku {
		p.ID = 100*p.ID + int64(r)
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func stock(n int) func(*catalog.Product) { return func(p *catalog.Product) { p.Stock = n } }
func limit(n int) func(*catalog.Product) { return func(p *catalog.Product) { p.Limit = n } }
func price(a money.Amount) func(*catalog.Product) {
	return func(p *catalog.Product) { p.Price = a }
}

// line makes a line added on the day with that number.
func line(p catalog.Product, quantity, day int) cart.Line {
	return cart.Line{Product: p, Quantity: quantity, PriceAdded: 10_00,
		Added: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)}
}

// show writes lines as "A×2 B×1".
func show(lines []cart.Line) string {
	s := ""
	for i, l := range lines {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%s×%d", l.Product.SKU, l.Quantity)
	}
	return s
}

func TestTheCapIsTheLeastOfThreeLimits(t *testing.T) {
	for _, c := range []struct{ stock, limit, want int }{
		{100, 0, 10}, {3, 0, 3}, {100, 2, 2}, {1, 2, 1}, {0, 0, 0}, {0, 2, 0}, {10, 10, 10}, {-1, 0, 0},
	} {
		if got := cart.Cap(product("A", stock(c.stock), limit(c.limit))); got != c.want {
			t.Errorf("stock %d, limit %d: cap %d, want %d", c.stock, c.limit, got, c.want)
		}
	}
}

func TestAddingNamesTheNumberThatWouldBeAccepted(t *testing.T) {
	for what, c := range map[string]struct {
		p          catalog.Product
		n, inCart  int
		more, most int
		reason     cart.Refusal
	}{
		"an eleventh piece":        {product("A"), 1, 10, 0, 10, cart.LineLimit},
		"too many at once":         {product("A"), 11, 0, 10, 10, cart.LineLimit},
		"more than is left":        {product("A", stock(3)), 3, 1, 2, 3, cart.StockLeft},
		"over its own limit":       {product("A", limit(2)), 2, 1, 1, 2, cart.ProductLimit},
		"sold out":                 {product("A", stock(0)), 1, 0, 0, 0, cart.NoneLeft},
		"stock sank below my line": {product("A", stock(2)), 1, 5, 0, 2, cart.StockLeft},
	} {
		var refused *cart.LimitError
		if err := cart.CheckAdd(c.p, c.n, c.inCart, 1); !errors.As(err, &refused) {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if refused.More() != c.more || refused.Most != c.most || refused.Reason() != c.reason || refused.Asked != c.n {
			t.Errorf("%s: %d more, %d in all, because of %s", what, refused.More(), refused.Most, refused.Reason())
		}
	}
}

func TestAddingUpToTheCapIsAccepted(t *testing.T) {
	for _, c := range []struct {
		p         catalog.Product
		n, inCart int
	}{{product("A"), 10, 0}, {product("A"), 1, 9}, {product("A", stock(1)), 1, 0}, {product("A", limit(2)), 1, 1}} {
		if err := cart.CheckAdd(c.p, c.n, c.inCart, 1); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestAFullCartTakesMoreOfWhatItHoldsOnly(t *testing.T) {
	if err := cart.CheckAdd(product("A"), 1, 0, cart.MaxLines); !errors.Is(err, cart.ErrTooManyLines) {
		t.Errorf("a new line: %v", err)
	}
	if err := cart.CheckAdd(product("A"), 1, 1, cart.MaxLines); err != nil {
		t.Errorf("a line it has: %v", err)
	}
	if err := cart.CheckAdd(product("A"), 1, 0, cart.MaxLines-1); err != nil {
		t.Errorf("the last line: %v", err)
	}
}

func TestOnlyANumberOfPiecesIsAQuantity(t *testing.T) {
	for _, n := range []int{0, -1, -1 << 62} {
		if err := cart.CheckAdd(product("A"), n, 0, 0); !errors.Is(err, cart.ErrQuantity) {
			t.Errorf("adding %d: %v", n, err)
		}
	}
	c := cart.Cart{Lines: []cart.Line{line(product("A"), 1, 1)}}
	if err := c.Set("A", -1); !errors.Is(err, cart.ErrQuantity) {
		t.Errorf("setting -1: %v", err)
	}
}

func TestSettingALine(t *testing.T) {
	for what, c := range map[string]struct {
		sku  string
		n    int
		want string
		err  error
	}{
		"more":                      {"A", 5, "A×5 B×3", nil},
		"to the cap":                {"B", 4, "A×2 B×4", nil},
		"over the cap":              {"B", 5, "A×2 B×3", &cart.LimitError{}},
		"removed":                   {"A", 0, "B×3", nil},
		"unknown":                   {"C", 1, "A×2 B×3", cart.ErrNoLine},
		"removing what is not here": {"C", 0, "A×2 B×3", nil},
	} {
		have := cart.Cart{Lines: []cart.Line{line(product("A"), 2, 2), line(product("B", stock(4)), 3, 1)}}
		err := have.Set(c.sku, c.n)
		if got := show(have.Lines); got != c.want || reflect.TypeOf(err) != reflect.TypeOf(c.err) {
			t.Errorf("%s: %s, %v; want %s, %v", what, got, err, c.want, c.err)
		}
	}
}

func TestALineOverItsCapCanBeLowered(t *testing.T) {
	c := cart.Cart{Lines: []cart.Line{line(product("A", stock(2)), 5, 1)}}
	if err := c.Set("A", 2); err != nil || show(c.Lines) != "A×2" {
		t.Errorf("%s, %v", show(c.Lines), err)
	}
}

func TestSavingAndRestoringKeepsTheLine(t *testing.T) {
	c := cart.Cart{Lines: []cart.Line{line(product("A"), 2, 2), line(product("B"), 3, 1)}}
	if err := c.Save("B"); err != nil || show(c.Lines) != "A×2" || show(c.Saved) != "B×3" {
		t.Fatalf("saved: %s | %s, %v", show(c.Lines), show(c.Saved), err)
	}
	if err := c.Restore("B"); err != nil || show(c.Lines) != "B×3 A×2" || len(c.Saved) != 0 {
		t.Errorf("restored: %s | %s, %v", show(c.Lines), show(c.Saved), err)
	}
}

func TestSavingWhatIsSavedAlreadyKeepsTheLargerQuantity(t *testing.T) {
	c := cart.Cart{Lines: []cart.Line{line(product("A"), 2, 2)}, Saved: []cart.Line{line(product("A"), 5, 1)}}
	if err := c.Save("A"); err != nil || len(c.Lines) != 0 || show(c.Saved) != "A×5" {
		t.Errorf("%s | %s, %v", show(c.Lines), show(c.Saved), err)
	}
}

func TestSavingForLaterHasALimit(t *testing.T) {
	full := make([]cart.Line, cart.MaxSaved)
	for i := range full {
		full[i] = line(product(fmt.Sprint("L", i)), 1, 1)
	}
	c := cart.Cart{Lines: []cart.Line{line(product("A"), 2, 2), line(product("L3"), 2, 2)}, Saved: full}
	if err := c.Save("A"); !errors.Is(err, cart.ErrTooManySaved) || show(c.Lines) != "A×2 L3×2" ||
		len(c.Saved) != cart.MaxSaved {
		t.Errorf("got %v, lines %s and %d saved, want ErrTooManySaved and nothing changed", err, show(c.Lines), len(c.Saved))
	}
	if err := c.Save("L3"); err != nil || len(c.Saved) != cart.MaxSaved {
		t.Errorf("a product that is saved already: got %v and %d saved, want it saved", err, len(c.Saved))
	}
}

func TestRestoring(t *testing.T) {
	full := make([]cart.Line, cart.MaxLines)
	for i := range full {
		full[i] = line(product(fmt.Sprint("L", i)), 1, 1)
	}
	for what, c := range map[string]struct {
		lines       []cart.Line
		saved       cart.Line
		wantLines   string
		wantRefusal error
	}{
		"caps to what is left": {nil, line(product("A", stock(2)), 5, 1), "A×2", nil},
		"takes the larger of cart and saved": {[]cart.Line{line(product("A"), 7, 2)}, line(product("A"), 5, 1), "A×7",
			nil},
		"leaves a sold out product saved":       {nil, line(product("A", stock(0)), 5, 1), "", &cart.LimitError{}},
		"leaves it saved when the cart is full": {full, line(product("A"), 1, 1), show(full), cart.ErrTooManyLines},
	} {
		have := cart.Cart{Lines: c.lines, Saved: []cart.Line{c.saved}}
		err := have.Restore("A")
		if show(have.Lines) != c.wantLines || reflect.TypeOf(err) != reflect.TypeOf(c.wantRefusal) ||
			(err == nil) == (len(have.Saved) > 0) {
			t.Errorf("%s: %s | %s, %v", what, show(have.Lines), show(have.Saved), err)
		}
	}
	empty := cart.Cart{}
	if err := empty.Restore("A"); !errors.Is(err, cart.ErrNoLine) {
		t.Errorf("nothing saved: %v", err)
	}
	if err := empty.Save("A"); !errors.Is(err, cart.ErrNoLine) {
		t.Errorf("nothing to save: %v", err)
	}
}

func TestASoldOutLineStaysInSightCostsNothingAndBlocks(t *testing.T) {
	c := cart.Cart{Lines: []cart.Line{line(product("A", stock(0)), 2, 3), line(product("B", stock(2)), 3, 2),
		line(product("C"), 1, 1)}}
	if got := c.Subtotal(); got != 40_00 {
		t.Errorf("subtotal %s, want 40.00: three B and one C", got)
	}
	if got := show(c.Blocked()); got != "A×2 B×3" {
		t.Errorf("blocked by %s", got)
	}
	if l := c.Lines[0]; !l.SoldOut() || l.Short() || l.Counted() != 0 || l.Total() != 0 {
		t.Errorf("sold out line: %+v", l)
	}
	if l := c.Lines[1]; l.SoldOut() || !l.Short() {
		t.Errorf("short line: %+v", l)
	}
}

func TestTheLineKnowsWhetherItsPriceChanged(t *testing.T) {
	if line(product("A"), 1, 1).PriceChanged() || !line(product("A", price(9_00)), 1, 1).PriceChanged() {
		t.Error("a price changed when today's differs from the one when it was added")
	}
	if got := line(product("A", price(9_00)), 2, 1).Total(); got != 18_00 {
		t.Errorf("charged %s, want the price of today", got)
	}
}
