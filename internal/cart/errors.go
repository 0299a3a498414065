package cart

import (
	"errors"
	"fmt"

	"hookandtag.example/shop/internal/catalog"
)

var (
	// ErrClosed says that the cart was merged at sign-in or forgotten: nothing may be put in any more.
	ErrClosed = errors.New("cart is closed")
	// ErrTooManyLines says that the cart already holds MaxLines different products.
	ErrTooManyLines = fmt.Errorf("a cart holds at most %d different products", MaxLines)
	// ErrTooManySaved says that MaxSaved different products are saved for later already.
	ErrTooManySaved = fmt.Errorf("at most %d different products are saved for later", MaxSaved)
	// ErrQuantity says that a quantity is no number of pieces: below 1 where something is added, below
	// 0 where it is set.
	ErrQuantity = errors.New("not a quantity")
	// ErrNoLine says that the product is not in the cart (or not among what is saved for later).
	ErrNoLine = errors.New("no such line in the cart")
	// ErrNothingToUndo says that the cart was changed since, so that the last merge or removal stands.
	ErrNothingToUndo = errors.New("nothing to undo")
)

// LimitError refuses a quantity and names the one that would be accepted. The cart is unchanged.
type LimitError struct {
	Product catalog.Product
	Asked   int // pieces asked for: more (Add) or in all (Set)
	InCart  int // pieces the cart holds already
	Most    int // the most pieces the cart may hold of it today
}

// Refusal says which limit stood in the way.
type Refusal string

// The limits a quantity can meet.
const (
	NoneLeft     Refusal = "none-left"     // sold out
	StockLeft    Refusal = "stock"         // fewer are left
	ProductLimit Refusal = "product-limit" // the product's own limit per order
	LineLimit    Refusal = "line-limit"    // MaxQuantity
)

// More is how many more pieces would be accepted; never below 0.
func (e *LimitError) More() int { return max(e.Most-e.InCart, 0) }

// Reason is the limit that set Most.
func (e *LimitError) Reason() Refusal {
	switch {
	case e.Most == 0:
		return NoneLeft
	case e.Most == e.Product.Stock:
		return StockLeft
	case e.Most == e.Product.Limit:
		return ProductLimit
	}
	return LineLimit
}

// Error names the product, what was asked and what would be accepted.
func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: %d asked, %d in the cart, at most %d accepted", e.Product.SKU, e.Asked, e.InCart, e.Most)
}
