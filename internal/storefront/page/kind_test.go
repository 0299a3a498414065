package page

import (
	"strings"
	"testing"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/order"
)

// "Handrail" and "Platform Two" could be anything.
func TestWhereverAProductIsListedItSaysWhatItIs(t *testing.T) {
	t.Parallel()
	lines := []cart.Line{line(lastOne(), 1), line(reduced(), 2)}
	whole := cart.Cart{ID: 1, Lines: lines, Saved: []cart.Line{line(bowler(), 1)}}
	checkout := Checkout{Cart: whole, Details: address()}
	placed := order.Order{Number: "HT-7KQM-2XWD", Address: address(), Lines: order.Copy(lines)}
	for name, c := range map[string]struct {
		page Page
		want []string
	}{
		"cart": {&Cart{Layout: signedIn("/cart"), Cart: whole},
			[]string{"Gloves · brass yellow · Wool felt", "Scarf · wine red · Wool felt", "Hat · felt green · Wool felt"}},
		"delivery": {&CheckoutDelivery{Layout: signedIn("/checkout/delivery"), Checkout: checkout},
			[]string{"1 × Handrail Gloves · brass yellow · Wool felt"}},
		"review": {&CheckoutReview{Layout: signedIn("/checkout/review"), Checkout: checkout},
			[]string{"1 × Handrail Gloves · brass yellow · Wool felt"}},
		"order": {&Order{Layout: signedIn("/orders/x"), Order: placed},
			[]string{"Handrail Gloves · brass yellow Qty 1", "Platform Two Scarf · wine red Qty 2"}},
	} {
		words := text(shown(t, c.page).named("main")[0])
		for _, want := range c.want {
			if !strings.Contains(words, want) {
				t.Errorf("%s: got %q, want %q in it", name, words, want)
			}
		}
	}
}

func TestWhatIsNotKnownOfAProductIsNotSaid(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]catalog.Product{
		"":                   {Silhouette: "elephant", Tone: "octarine"},
		"Hat · Straw":        {Silhouette: "panama", Material: "Straw, cotton band"},
		"Garment bag · sand": {Silhouette: "garment", Tone: "sand"},
	} {
		if got := kindOf(p); got != want {
			t.Errorf("%+v: got %q, want %q", p, got, want)
		}
	}
	for _, silhouette := range silhouettes {
		if kindWords[silhouette] == "" {
			t.Errorf("%s has no word", silhouette)
		}
	}
}
