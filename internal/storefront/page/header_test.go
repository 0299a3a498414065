package page

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/order"
)

// headerOf returns the words of a page's header.
func headerOf(t *testing.T, p Page) string {
	t.Helper()
	return text(shown(t, p).named("header")[0])
}

func TestAHeaderSaysOnlyWhatIsKnown(t *testing.T) {
	t.Parallel()
	away, waiting := Layout{Unknown: true}, stranger("/cart")
	waiting.CartUnknown = true
	for _, c := range []struct {
		name         string
		page         Page
		want, unwant []string
	}{
		{"visitor", &Home{Layout: stranger("/")}, []string{"Sign in", "Orders", "Cart 0 items"}, []string{"Sign out"}},
		// A second "Sign in" would forget where the first one leads back to.
		{"sign-in", &Login{Layout: stranger("/login")}, []string{"Cart 0 items"}, []string{"Sign in"}},
		{"customer", &Home{Layout: signedIn("/")}, []string{"Alice Adler", "Sign out", "Cart 4 items"}, []string{"Sign in"}},
		{"unknown", &Problem{Layout: away, Status: http.StatusServiceUnavailable},
			[]string{"Cart"}, []string{"Cart 0", "Orders", "Sign in", "Sign out"}},
		{"waiting", &Cart{Layout: waiting, Waiting: &Ended{Reason: "idle"}}, []string{"Cart", "Sign in"}, []string{"Cart 0"}},
	} {
		header := headerOf(t, c.page)
		for _, words := range c.want {
			if !strings.Contains(header, words) {
				t.Errorf("%s: the header says %q, want %q in it", c.name, header, words)
			}
		}
		for _, words := range c.unwant {
			if strings.Contains(header, words) {
				t.Errorf("%s: the header says %q, want no %q in it", c.name, header, words)
			}
		}
	}
}

func TestTheSearchFieldOfAListHoldsWhatWasSearchedFor(t *testing.T) {
	t.Parallel()
	d := shown(t, &Catalogue{Layout: stranger("/products"), Result: found(catalog.Search{Query: "hat"}, 3, things()[:3])})
	fields := d.all(func(n *html.Node) bool { return value(n, "type") == "search" })
	if len(fields) != 1 || value(fields[0], "value") != "hat" {
		t.Errorf("got %d search fields %v, want one that holds %q", len(fields), fields, "hat")
	}
}

func TestTheFilterNamesWhatIsSet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		search catalog.Search
		want   []string
	}{
		{catalog.Search{Query: "hat"}, nil},
		{catalog.Search{Room: catalog.Hats, InStock: true}, []string{"Hats", "in stock"}},
		{catalog.Search{Min: 1000, Max: 5050}, []string{"€10.00 to €50.50"}},
		{catalog.Search{Colours: catalog.SetOf[catalog.Colour]("blue", "red"),
			Materials: catalog.SetOf[catalog.Material]("wool")}, []string{"Red", "Blue", "Wool"}},
		{catalog.Search{Min: 1000}, []string{"from €10.00"}},
		{catalog.Search{Max: 5050, Sort: catalog.PriceUp}, []string{"up to €50.50", "Price, lowest first"}},
	} {
		p := &Catalogue{Result: found(c.search, 3, nil)}
		var got []string
		for _, choice := range p.Choices() {
			got = append(got, choice.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %q, want %q", c.search, got, c.want)
		}
	}
}

func TestEachChoiceCanBeTakenBackAlone(t *testing.T) {
	t.Parallel()
	search := catalog.Search{Query: "hat", Room: catalog.Hats, Min: 100, InStock: true, Sort: catalog.ByName, Page: 3,
		Colours:   catalog.SetOf[catalog.Colour]("red", "blue", "red"),
		Materials: catalog.SetOf[catalog.Material]("wool", "felt")}
	d := shown(t, &Catalogue{Layout: stranger("/products"), Result: found(search, 50, things()[:3])})
	const all = "colour=red&colour=blue&in_stock=1&material=felt&material=wool&min=1.00&q=hat&room=hats&sort=name"
	got := map[string]string{}
	for _, n := range d.named("a") {
		if words := text(n); strings.HasPrefix(words, "Remove: ") {
			got[words] = value(n, "href")
		}
	}
	want := map[string]string{}
	for name, parameter := range map[string]string{"Hats": "room=hats", "Red": "colour=red", "Blue": "colour=blue",
		"Felt": "material=felt", "Wool": "material=wool", "from €1.00": "min=1.00", "in stock": "in_stock=1",
		"Name": "sort=name"} {
		without := strings.Trim(strings.ReplaceAll("&"+all+"&", "&"+parameter+"&", "&"), "&")
		want["Remove: "+name+" ×"] = "/products?" + without
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, n := range d.named("a") {
		if value(n, "rel") == "next" && value(n, "href") != "/products?"+strings.Replace(all, "&q=", "&page=4&q=", 1) {
			t.Errorf("the next page is %s, want all of %s", value(n, "href"), all)
		}
	}
}

// Screen readers announce a live region when it changes, and say nothing about one that a page is
// loaded with.
func TestNoLiveRegionHoldsTextWhenThePageLoads(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, _ sample, d document) {
		regions := d.all(func(n *html.Node) bool { return value(n, "role") == "status" || value(n, "aria-live") != "" })
		for _, n := range regions {
			if words := text(n); words != "" {
				t.Errorf("a live region is loaded with %q", words)
			}
		}
		if !slices.ContainsFunc(regions, func(n *html.Node) bool { return value(n, "id") == "announcement" }) {
			t.Error("the page has no region for announcements")
		}
	})
}

func TestEveryTimeIsInOneNamedZone(t *testing.T) {
	t.Parallel()
	late := time.Date(2026, 7, 31, 22, 30, 0, 0, time.UTC)
	for _, where := range []*time.Location{time.UTC, time.FixedZone("", -8*3600)} {
		if got, want := moment(late.In(where)), "1 August 2026, 00:30 CEST"; got != want {
			t.Errorf("moment: got %q, want %q", got, want)
		}
		if got, want := date(late.In(where)), "1 August 2026"; got != want {
			t.Errorf("date: got %q, want %q", got, want)
		}
	}
	if got, want := moment(time.Date(2026, 11, 23, 9, 41, 0, 0, time.UTC)), "23 November 2026, 10:41 CET"; got != want {
		t.Errorf("moment: got %q, want %q", got, want)
	}
	placed := order.Order{Placed: late, Address: address()}
	one, all := &Order{Layout: signedIn("/orders/x"), Order: placed}, &Orders{signedIn("/orders"), []order.Order{placed}}
	for _, p := range []Page{one, all} {
		n := shown(t, p).named("time")[0]
		if value(n, "datetime") != "2026-08-01T00:30:00+02:00" || !strings.HasPrefix(text(n), "1 August 2026") {
			t.Errorf("%T: got <time datetime=%q> %q, want 1 August at half past midnight", p, value(n, "datetime"), text(n))
		}
	}
	if got := value(shown(t, &Home{Layout: signedIn("/")}).named("body")[0], "data-zone"); got != Zone {
		t.Errorf("the script's zone is %q, want %q", got, Zone)
	}
}

func TestACartOfWhatIsSoldOutOffersNoWayOnToTheCheckout(t *testing.T) {
	t.Parallel()
	d := shown(t, &Cart{Layout: signedIn("/cart"), Cart: cart.Cart{ID: 1, Lines: []cart.Line{line(soldOut(), 2)}}})
	aside := text(d.named("aside")[0])
	if !strings.Contains(aside, "Save it for later") || strings.Contains(aside, "and continue") {
		t.Errorf("got %q, want a way to save it for later, and none to continue with", aside)
	}
}

func TestACartThatCannotBeOrderedSaysWhichLineAndOffersTheWayOn(t *testing.T) {
	t.Parallel()
	gone := cart.Cart{ID: 1, Lines: []cart.Line{line(bowler(), 1), line(soldOut(), 2)}}
	for _, c := range []struct {
		cart         cart.Cart
		says, button string
	}{
		{gone, "Glasshouse Dome is sold out. Remove it or save it for later to check out.", "Save it for later and continue"},
		{troubledCart(), "Glasshouse Dome is sold out. Only 3 of Harbour Beanie left. Remove them or save them",
			"Save them for later and continue"},
	} {
		d := shown(t, &Cart{Layout: signedIn("/cart"), Cart: c.cart})
		aside := text(d.named("aside")[0])
		offered := strings.Contains(aside, c.button) && !strings.Contains(text(d.root), "Go to checkout")
		if !strings.Contains(aside, c.says) || !offered {
			t.Errorf("got %q, want %q and the button %q only", aside, c.says, c.button)
		}
	}
}

func TestMinusAndPlusStayWithinWhatCanBeOrdered(t *testing.T) {
	t.Parallel()
	limited := bowler()
	limited.Limit = 2
	for _, c := range []struct {
		line        cart.Line
		minus, plus int
	}{
		{line(bowler(), 1), 0, 2}, {line(bowler(), 9), 8, 10}, {line(bowler(), 10), 9, 0},
		{line(limited, 2), 1, 0}, {line(beanie(), 5), 3, 0}, {line(lastOne(), 1), 0, 0},
	} {
		if minus, plus := lowered(c.line), raised(c.line); minus != c.minus || plus != c.plus {
			t.Errorf("%d of %s: got %d and %d, want %d and %d", c.line.Quantity, c.line.Product.Name, minus, plus, c.minus,
				c.plus)
		}
	}
}

func TestAnOrderSaysTheSameStateOnItsPageAndInTheList(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]order.Order{
		"Placed":       {Status: "placed", CancelLeft: time.Minute},
		"Being packed": {Status: "placed"},
		"Cancelled":    {Status: "cancelled"},
	} {
		o.Address = address()
		for _, p := range []Page{
			&Order{Layout: signedIn("/orders/x"), Order: o}, &Orders{signedIn("/orders"), []order.Order{o}},
		} {
			badges := shown(t, p).all(func(n *html.Node) bool { return strings.HasPrefix(value(n, "class"), "badge") })
			if len(badges) != 1 || text(badges[0]) != want {
				t.Errorf("%T: got %d states, want %q", p, len(badges), want)
			}
		}
	}
}

func TestAProductAnswersWhatShoppersAskFirst(t *testing.T) {
	t.Parallel()
	d := shown(t, &Product{Layout: stranger("/products/x"), Product: bowler()})
	page := text(d.root)
	for _, words := range []string{"Colour Felt green", "Material Wool felt", "Size One size, 56 to 60 cm", "Weight 120 g",
		"Care Brush it dry", "Number SKU-rain-bowler",
		"Includes 19% VAT", "two to four working days", "30 days to send it back"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	unknown := bowler()
	unknown.Tone, unknown.Material, unknown.Size, unknown.Weight = "", "", "", ""
	if rows := shown(t, &Product{Layout: stranger("/products/x"), Product: unknown}).named("tr"); len(rows) != 2 {
		t.Errorf("got %d rows, want those of care and number", len(rows))
	}
}
