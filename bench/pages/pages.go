// Package pages holds the two pages of the small Go shops that the benchmark compares ours with.
package pages

import (
	"fmt"
	"html/template"
)

// Item is a product as those pages show it.
type Item struct {
	SKU, Slug, Name, Room, Summary string
	Price                          int64 // cents
	Stock                          int
}

// Euro returns the price for people.
func (i Item) Euro() string { return fmt.Sprintf("€%d.%02d", i.Price/100, i.Price%100) }

// Data is what a page shows.
type Data struct {
	Product Item
	Related []Item
	Units   int // in the cart
}

const (
	head = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{{with .Product.Name}}{{.}}{{else}}Everything{{end}}</title></head>
<body>
<nav><a href="/">Home</a> <a href="/products">Everything</a> <a href="/cart">Cart {{.Units}}</a></nav>
<main>
`
	tail = `<ul>{{range .Related}}<li><a href="/products/{{.Slug}}">{{.Name}}</a> {{.Summary}} {{.Euro}}</li>{{end}}</ul>
</main>
</body>
</html>
`
)

// List is the page of all products, Product that of one.
var (
	List    = template.Must(template.New("list").Parse(head + `<h1>Everything</h1>` + tail))
	Product = template.Must(template.New("product").Parse(head + `{{with .Product}}<h1>{{.Name}}</h1>
<p>{{.Summary}}</p>
<p>{{.Euro}}</p>
<form action="/cart/lines" method="post">
<input type="hidden" name="sku" value="{{.SKU}}"><input
    type="number" name="quantity" value="1"><button>Add to cart</button>
</form>{{end}}` + tail))
)
