package page

import (
	"slices"
	"testing"

	"golang.org/x/net/html"

	"hookandtag.example/shop/internal/catalog"
)

// shown renders a page as it is and reads it.
func shown(t *testing.T, p Page) document {
	t.Helper()
	root, err := html.Parse(render(t, newRenderer(t), sample{"", 422, p}).Body)
	if err != nil {
		t.Fatal(err)
	}
	return document{root}
}

func TestTheMenuMarksThePageShownAndNotTheAddressOfTheForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page Page
		want []string
	}{
		{&CheckoutReview{Layout: signedIn("/orders")}, nil},
		{&Cart{Layout: signedIn("/orders"), Cart: smallCart()}, []string{"/cart"}},
		// in both menus
		{&Product{Layout: signedIn("/cart/lines"), Product: bowler()},
			[]string{"/products?room=hats", "/products?room=hats"}},
		{&Resubmit{Layout: signedIn("/cart/lines"), Action: "/cart/lines"}, nil},
		{&Orders{Layout: signedIn("/orders")}, []string{"/orders", "/orders"}},
	} {
		var marked []string
		for _, n := range shown(t, c.page).having("aria-current") {
			if inside(n, "header") {
				marked = append(marked, value(n, "href"))
			}
		}
		if !slices.Equal(marked, c.want) {
			t.Errorf("%T marks %v, want %v", c.page, marked, c.want)
		}
	}
}

func TestTheWordsLookedForAreNoChoice(t *testing.T) {
	t.Parallel()
	for want, searches := range map[bool][]catalog.Search{
		false: {{}, {Query: "hat"}, {Query: "hat", Sort: catalog.PriceUp}},
		true:  {{Room: catalog.Hats}, {Query: "hat", Room: catalog.Hats}, {Query: "hat", Max: 1}, {InStock: true}},
	} {
		for _, s := range searches {
			if (&Catalogue{Result: catalog.Result{Search: s}}).Chosen() != want {
				t.Errorf("%+v: chosen is not %v", s, want)
			}
		}
	}
}

func TestANoticeLeadsToWhereSomethingCanBeDone(t *testing.T) {
	t.Parallel()
	home := &Home{Layout: stranger("/")}
	home.Notices = []Notice{{Kind: "elsewhere", Text: "Somewhere else.", LinkURL: "/account/devices",
		LinkText: "See where"}, {Kind: "added", Text: "Added."}}
	notices := shown(t, home).having("data-notice")
	if got := text(notices[0]); got != "!Somewhere else. See where" || value(notices[0], "class") != "notice urgent" {
		t.Errorf("%q, class %q", got, value(notices[0], "class"))
	}
	if value(notices[0].LastChild, "href") != "/account/devices" || notices[1].LastChild.Type != html.TextNode {
		t.Error("the link is at the wrong notice or leads elsewhere")
	}
}

func TestAFormSentOnceMoreNamesItsProduct(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page Resubmit
		want []Field
	}{
		{Resubmit{Action: "/cart/lines", Product: "Rain Bowler", Fields: fields("sku", "HAT-1", "quantity", "2")},
			[]Field{{Label: "Item", Value: "Rain Bowler"}, {"quantity", "Quantity", "2"}}},
		{Resubmit{Action: "/cart/lines/HAT-1", Product: "Rain Bowler", Fields: fields("quantity", "0")},
			[]Field{{Label: "Item", Value: "Rain Bowler"}}},
		{Resubmit{Action: "/cart/lines", Fields: fields("sku", "HAT-1")}, nil},
	} {
		if got := c.page.Shown(); !slices.Equal(got, c.want) {
			t.Errorf("%s shows %v, want %v", c.page.Action, got, c.want)
		}
	}
}
