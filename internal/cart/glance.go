package cart

import "hookandtag.example/shop/internal/catalog"

// Glance is what pages beside the cart's own show of a cart, read together with the session.
type Glance struct {
	Pieces  map[int64]int   // in the cart, not saved for later, by product id
	Catalog catalog.Version // the catalogue's state when it was read
}
