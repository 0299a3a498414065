package page

import (
	"net/url"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/order"
)

// sample is one page in one state.
type sample struct {
	name   string
	status int
	page   Page
}

// hostile is a text that would run if it were not escaped.
const hostile = `Ünä <script>alert(1)</script> "'><img src=x onerror=alert(2)>`

func thing(name, slug string, room catalog.Room, look [3]string) catalog.Product {
	return catalog.Product{ID: int64(len(slug)), SKU: "SKU-" + slug, Slug: slug, Name: name, Room: room,
		Summary: "Keeps the weather out and the heat in.",
		Description: "A thing that has seen a few cloakrooms. It is made to be used, and to be mended when it has been " +
			"used a lot.",
		Material: "Wool felt", Size: "One size, 56 to 60 cm", Weight: "120 g", Care: "Brush it dry, and hang it up.",
		Silhouette: look[0], Weave: look[1], Tone: look[2], Price: 3490, Stock: 20}
}

func bowler() catalog.Product {
	return thing("Rain Bowler", "rain-bowler", catalog.Hats, [3]string{"hat", "plain", "felt"})
}

func beanie() catalog.Product {
	p := thing("Harbour Beanie", "harbour-beanie", catalog.Hats, [3]string{"beanie", "ribbed", "wine"})
	p.Stock = 3
	return p
}

func soldOut() catalog.Product {
	p := thing("Glasshouse Dome", "glasshouse-dome", catalog.Umbrellas, [3]string{"umbrella", "stripe", "sky"})
	p.Stock = 0
	return p
}

func reduced() catalog.Product {
	p := thing("Platform Two", "platform-two", catalog.Scarves, [3]string{"scarf", "check", "wine"})
	p.WasPrice = 4990
	return p
}

func lastOne() catalog.Product {
	p := thing("Handrail", "handrail", catalog.Gloves, [3]string{"glove", "herringbone", "brass"})
	p.Stock, p.Limit = 1, 2
	return p
}

func longName() catalog.Product {
	return thing(
		"The Überlandreisetasche for Long Weekends, Short Weeks, Unexpected Invitations and Everything in Between",
		"overnight", catalog.Bags, [3]string{"bag", "herringbone", "sand"})
}

func hostileThing() catalog.Product {
	p := thing(hostile, "hostile", catalog.Hooks, [3]string{"hook", "dot", "ink"})
	p.Summary, p.Description, p.Care = hostile, hostile, hostile
	p.Material, p.Size, p.Weight = hostile, hostile, ""
	return p
}

func things() []catalog.Product {
	return []catalog.Product{bowler(), beanie(), soldOut(), reduced(), lastOne(), longName(),
		thing("Courier Cap", "courier-cap", catalog.Hats, [3]string{"cap", "herringbone", "sand"}),
		thing("Coat Brush", "coat-brush", catalog.Hooks, [3]string{"brush", "plain", "brass"}),
		thing("Brass Hook", "brass-hook", catalog.Hooks, [3]string{"hook", "plain", "ink"}),
		thing("Drizzle", "drizzle", catalog.Umbrellas, [3]string{"umbrella", "dot", "ink"}),
		thing("Signal", "signal", catalog.Scarves, [3]string{"scarf", "stripe", "brass"}),
		thing("Typist", "typist", catalog.Gloves, [3]string{"glove", "check", "sky"})}
}

func alice() customer.Customer {
	return customer.Customer{ID: 1,
		Identity: customer.Identity{Name: "Alice Adler", Email: "alice@example.test", EmailVerified: true}}
}

// stranger is the layout of someone who is not signed in.
func stranger(path string) Layout {
	return Layout{Title: "Title", Path: path, RequestID: "7f3a91c2d4"}
}

// signedIn is the layout of a customer.
func signedIn(path string) Layout {
	l := stranger(path)
	l.SignedIn, l.CustomerName, l.CartUnits, l.FormToken, l.NoIndex = true, "Alice Adler", 4, "form-token-of-alice", true
	l.Warning = &Warning{IdleLeft: 30*time.Minute - time.Millisecond, AbsoluteLeft: 21 * time.Hour,
		Before: WarnBefore(30 * time.Minute), Every: 24 * time.Hour,
		Here: path, SignIn: "/login?return_to=" + url.QueryEscape(path), Confirm: "/login?confirm=1&return_to=" +
			url.QueryEscape(path)}
	return l
}

func line(p catalog.Product, n int) cart.Line {
	return cart.Line{Product: p, Quantity: n, PriceAdded: p.Price}
}

func dearer(l cart.Line) cart.Line {
	l.PriceAdded -= 500
	return l
}

func fullCart() cart.Cart {
	return cart.Cart{ID: 1, Lines: []cart.Line{line(bowler(), 1), dearer(line(reduced(), 2)), line(longName(), 1)},
		Saved: []cart.Line{line(lastOne(), 1), line(soldOut(), 2)}}
}

func smallCart() cart.Cart {
	return cart.Cart{ID: 1, Lines: []cart.Line{line(beanie(), 1)}}
}

func troubledCart() cart.Cart {
	c := fullCart()
	c.Lines = append(c.Lines, line(soldOut(), 2), line(beanie(), 5), line(hostileThing(), 1))
	return c
}

func mergedCart() cart.Cart {
	c := fullCart()
	c.Undo = &cart.Undo{Kind: cart.MergeUndone, Changes: []cart.Change{
		{Kind: cart.Taken, Product: bowler(), Now: 1}, {Kind: cart.Raised, Product: reduced(), Before: 1, Now: 2},
		{Kind: cart.Capped, Product: lastOne(), Before: 3, Now: 1}, {Kind: cart.GoneOut, Product: soldOut(), Before: 1},
		{Kind: cart.SetAside, Product: hostileThing()}, {Kind: cart.Crowded, Product: bowler(), Before: 1}}}
	return c
}

func removedFrom(c cart.Cart) cart.Cart {
	c.Undo = &cart.Undo{Kind: cart.RemovalUndone, Lines: []cart.Line{line(hostileThing(), 1)}}
	return c
}

func discardedFrom(c cart.Cart) cart.Cart {
	c.Undo = &cart.Undo{Kind: cart.DiscardUndone, Lines: []cart.Line{line(hostileThing(), 1)}}
	return c
}

func address() order.Details {
	return order.Details{Name: "Alice Adler", Street: "Garderobenstraße 12", Postcode: "10115", City: "Berlin",
		Country: "DE", Delivery: order.Post}
}

func bought() order.Order {
	c := smallCart()
	c.Lines = append(c.Lines, line(longName(), 2), line(hostileThing(), 1))
	return order.Order{Number: "HT-7KQM-2XWD", Status: order.Placed,
		Placed: time.Date(2026, 11, 23, 9, 41, 0, 0, time.UTC), Address: address(),
		Totals: order.TotalsOf(c, order.Post), Units: 4, Lines: order.Copy(c.Lines)}
}

func found(s catalog.Search, total int, products []catalog.Product) catalog.Result {
	s = s.Clean()
	return catalog.Result{Search: s, Products: products, Total: total, Pages: catalog.PagesFor(total)}
}

func fields(pairs ...string) url.Values {
	v := url.Values{"form_token": {"stale-token"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func euro(cents int64) money.Amount { return money.Amount(cents) }
