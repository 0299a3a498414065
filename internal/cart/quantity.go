package cart

import "hookandtag.example/shop/internal/catalog"

const (
	// MaxQuantity is the most pieces of one product a cart may hold, however many there are.
	MaxQuantity = 10
	// MaxLines is the most different products a cart may hold, those saved for later not counted.
	MaxLines = 40
	// MaxSaved is how many different products may be saved for later. A merge, which loses nothing,
	// may leave more; then none is saved until there are fewer.
	MaxSaved = 100
)

// Cap is the most pieces of p that may be put in a cart today: the least of its stock, its own
// limit and MaxQuantity. The database function line_cap is the same rule; a test holds them
// together.
func Cap(p catalog.Product) int {
	most := min(p.Stock, MaxQuantity)
	if p.Limit > 0 {
		most = min(most, p.Limit)
	}
	return max(most, 0)
}

// CheckAdd is nil when n pieces of p may be added to a cart that holds inCart pieces of it and
// lines different products. Else it is ErrQuantity, a *LimitError or ErrTooManyLines.
func CheckAdd(p catalog.Product, n, inCart, lines int) error {
	if n < 1 {
		return ErrQuantity
	}
	if most := Cap(p); n > most-inCart {
		return &LimitError{Product: p, Asked: n, InCart: inCart, Most: most}
	}
	if inCart == 0 && lines >= MaxLines {
		return ErrTooManyLines
	}
	return nil
}
