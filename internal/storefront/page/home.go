package page

import "hookandtag.example/shop/internal/catalog"

// Home is the front page: the idea in one line, the six rooms and some products.
type Home struct {
	Layout
	// Featured are the products shown, eight of them at best.
	Featured []catalog.Product
}

func (*Home) template() string { return "home" }

func (h *Home) kept() (pageKey, *catalog.Snapshot) {
	return pageKey{name: h.template(), head: h.head()}, h.Of
}

func (h *Home) common(n numbers) Page { return &Home{Layout: h.head().layout(n), Featured: h.Featured} }
