package page

import "hookandtag.example/shop/internal/catalog"

// Home is the front page: the idea in one line, the six rooms and some products.
type Home struct {
	Layout
	// Featured are the products shown, eight of them at best.
	Featured []catalog.Product
}

func (*Home) template() string { return "home" }

func (h *Home) common() (Page, pageKey, *catalog.Snapshot) {
	key := pageKey{name: h.template(), head: h.head()}
	return &Home{Layout: key.head.layout(), Featured: h.Featured}, key, h.Of
}
