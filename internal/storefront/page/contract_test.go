package page

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestPostedFormsOfCustomersCarryTheToken(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		for _, form := range d.named("form") {
			tokens := 0
			for n := range form.Descendants() {
				if value(n, "name") == "form_token" {
					tokens++
					if value(n, "value") != s.page.layout().FormToken || value(n, "type") != "hidden" {
						t.Error("wrong token")
					}
				}
			}
			posted, signedIn := value(form, "method") == "post", s.page.layout().SignedIn
			if want := posted && signedIn; (tokens == 1) != want || tokens > 1 {
				t.Errorf("form to %s: %d tokens (posted %v, signed in %v)", value(form, "action"), tokens, posted, signedIn)
			}
		}
	})
}

func TestBodyAndCartLinkTellWhoIsThereAndHowMuch(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		l := s.page.layout()
		signedIn, known := attr(d.named("body")[0], "data-signed-in")
		if known == l.Unknown || known && signedIn != strconv.FormatBool(l.SignedIn) {
			t.Errorf("data-signed-in is %q, want it for %v, unknown: %v", signedIn, l.SignedIn, l.Unknown)
		}
		want := strconv.Itoa(l.CartUnits)
		if l.Unknown || l.CartUnknown {
			want = ""
		}
		counts := d.having("data-cart-count")
		if len(counts) != 1 || value(counts[0], "data-cart-count") != want || value(counts[0], "href") != "/cart" {
			t.Errorf("the cart links are %v, want one with %q items", counts, want)
		}
		signOut := d.all(func(n *html.Node) bool { return n.Data == "form" && value(n, "action") == "/logout" })
		if (len(signOut) > 0) != l.SignedIn {
			t.Errorf("%d sign-out buttons", len(signOut))
		}
		if noIndex := strings.Contains(meta(d, "robots"), "noindex"); noIndex != l.NoIndex {
			t.Errorf("noindex is %v", noIndex)
		}
	})
}

func meta(d document, name string) string {
	for _, m := range d.named("meta") {
		if value(m, "name") == name {
			return value(m, "content")
		}
	}
	return ""
}

func TestNoticesNameTheirKind(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		for _, n := range s.page.layout().Notices {
			shown := d.all(func(e *html.Node) bool {
				return value(e, "data-notice") == n.Kind && strings.Contains(text(e), strings.Join(strings.Fields(n.Text), " "))
			})
			if len(shown) != 1 {
				t.Errorf("notice %q is shown %d times", n.Kind, len(shown))
			}
		}
	})
}

func TestCartLinesTellSKUAndQuantity(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		c, ok := s.page.(*Cart)
		if !ok {
			return
		}
		lines := d.having("data-quantity")
		if len(lines) != len(c.Cart.Lines) {
			t.Fatalf("%d lines, want %d", len(lines), len(c.Cart.Lines))
		}
		for i, l := range c.Cart.Lines {
			if value(lines[i], "data-sku") != l.Product.SKU || value(lines[i], "data-quantity") != strconv.Itoa(l.Quantity) {
				t.Errorf("line %d: %s × %s", i, value(lines[i], "data-quantity"), value(lines[i], "data-sku"))
			}
		}
		title := text(d.named("title")[0])
		if n := c.Cart.Units(); n > 0 && !strings.Contains(title, "("+counted(n, "item", "items")+")") {
			t.Errorf("title %q does not tell %d units", title, n)
		}
		if c.Waiting != nil && strings.Contains(strings.ToLower(text(d.root)), "cart is empty") {
			t.Error("a cart that waits is called empty")
		}
	})
}

func TestCartStatesAreMarked(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"cart-merged":               {"merged", "capped", "sold-out", "price-changed"},
		"cart-small":                {"removed"},
		"cart-troubled":             {"sold-out", "capped", "price-changed"},
		"cart-refused":              {"capped"},
		"cart-waiting":              {"ended"},
		"cart-waiting-more":         {"ended"},
		"cart-cookies-refused":      {"cookies-refused"},
		"cart-cookies-refused-http": {"cookies-refused"},
	}
	eachSample(t, func(t *testing.T, s sample, d document) {
		for _, kind := range want[s.name] {
			if len(d.all(func(n *html.Node) bool { return value(n, "data-notice") == kind })) == 0 {
				t.Errorf("no data-notice=%s", kind)
			}
		}
	})
}

func TestErrorsAreSummedUpAndStandAtTheirFields(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		var c Checkout
		switch p := s.page.(type) {
		case *CheckoutAddress:
			c = p.Checkout
		case *CheckoutDelivery:
			c = p.Checkout
		default:
			return
		}
		for _, e := range c.Errors {
			links := d.all(func(n *html.Node) bool { return value(n, "href") == "#"+e.Field && text(n) == e.Text })
			field := d.all(func(n *html.Node) bool { return value(n, "id") == e.Field+"-error" && text(n) == e.Text })
			if len(links) != 1 || len(field) != 1 {
				t.Errorf("%s: %d in the summary, %d at the field", e.Field, len(links), len(field))
			}
		}
	})
}

func TestWhyTheCustomerWasSignedOutIsSaidInPlainWords(t *testing.T) {
	t.Parallel()
	for _, s := range signInSamples() {
		e, failure := &Ended{}, NoFailure
		switch p := s.page.(type) {
		case *Login:
			e, failure = p.Ended, p.Failure
		case *SignedOut:
			e = p.Ended
		case *SignInProblem:
			failure = p.Failure
		}
		words := failure.Text()
		if e != nil {
			words += e.Text() + e.Kept()
		}
		for _, trade := range []string{"session", "timeout", "time-out", "inactiv", "expired", "token", "authenticat"} {
			if strings.Contains(strings.ToLower(words), trade) {
				t.Errorf("%s says %q: %s", s.name, trade, words)
			}
		}
	}
}

func TestEveryReasonHasItsOwnWords(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, reason := range []string{"idle", "absolute", "revoked", "excess", "back_channel", "rotated", "forgotten",
		"signed_out"} {
		words := Ended{Reason: reason}.Text()
		if other, twice := said[words]; twice || words == "" {
			t.Errorf("%s and %s both say %q", reason, other, words)
		}
		said[words] = reason
	}
}

// A customer who collects an order needs a place: the shop has none, and says so.
func TestPagesOfferingCollectionSayThatItHasNoAddress(t *testing.T) {
	t.Parallel()
	offering := []string{"checkout-delivery", "order-placed-collect", "order-collect", "delivery"}
	seen := 0
	eachSample(t, func(t *testing.T, s sample, d document) {
		if !slices.Contains(offering, s.name) {
			return
		}
		seen++
		if !strings.Contains(text(d.root), "The cloakroom is drawn, like the hats: it has no address.") {
			t.Error("the page does not say where an order is collected")
		}
	})
	if seen != len(offering) {
		t.Errorf("saw %d of the pages %v", seen, offering)
	}
}
