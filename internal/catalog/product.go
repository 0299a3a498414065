// Package catalog is what the shop sells: products, rooms, prices, availability, and how they are
// searched.
package catalog

import (
	"errors"
	"regexp"

	"hookandtag.example/shop/internal/money"
)

// fewLeft is the stock from which down a page says how many are left.
const fewLeft = 5

// ErrNotFound says that the shop sells no such product.
var ErrNotFound = errors.New("no such product")

// Product is one thing the shop sells, as it is today.
type Product struct {
	ID          int64
	SKU         string // A to Z, 0 to 9 and hyphens
	Slug        string // the last part of its address
	Name        string
	Room        Room
	Summary     string // one line
	Description string // two or three sentences
	Material    string // what it is made of; may be empty
	Size        string // its measures, or the one size it comes in; may be empty
	Weight      string // with its unit; may be empty
	Care        string // washing and storing; may be empty
	Silhouette  string // what its drawing shows
	Weave       string // the pattern on it
	Tone        string // the colour of it
	Price       money.Amount
	WasPrice    money.Amount // the price before a reduction; 0: never reduced
	Stock       int
	Limit       int // pieces per order; 0: the shop's limit only
	Position    int // the featured order, lowest first
}

// SoldOut reports whether none is left.
func (p Product) SoldOut() bool { return p.Stock <= 0 }

// Few reports whether so few are left that the page names the number.
func (p Product) Few() bool { return p.Stock > 0 && p.Stock <= fewLeft }

// Reduced reports whether the price was higher before.
func (p Product) Reduced() bool { return p.WasPrice > p.Price }

var skuForm = regexp.MustCompile(`^[A-Z0-9-]{3,20}$`)

// ValidSKU reports whether s could be a SKU at all. What could not is not worth a query.
func ValidSKU(s string) bool { return skuForm.MatchString(s) }
