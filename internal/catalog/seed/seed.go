// Package seed is what the shop sells on its first day: 32 products in six rooms. Among them are
// one sold out, one last piece, one with three left, one with a limit of two per order, one
// reduced, one with a very long name and one with umlauts.
package seed

import (
	"slices"

	"hookandtag.example/shop/internal/catalog"
)

// Items lists the products room by room, each with its own place in the featured order. The IDs are
// 0: the database gives them.
func Items() []catalog.Product {
	rooms := []struct {
		room     catalog.Room
		products []catalog.Product
	}{
		{catalog.Hats, hats}, {catalog.Umbrellas, umbrellas}, {catalog.Scarves, scarves},
		{catalog.Gloves, gloves}, {catalog.Bags, bags}, {catalog.Hooks, hooks},
	}
	var items []catalog.Product
	for _, r := range rooms {
		for _, p := range r.products {
			p.Room = r.room
			known := factsOf[p.SKU]
			p.Material, p.Size, p.Weight = known.material, known.size, known.weight
			p.Position = position(p.SKU, len(items))
			items = append(items, p)
		}
	}
	return items
}

// window lists what stands in the shop window: the first products in the featured order.
var window = []string{
	"UMB-DRIZZLE", "HAT-BOWLER", "SCA-HERRINGBONE", "HAT-BEANIE", "BAG-OVERNIGHT", "GLO-CONDUCTOR", "HOO-BRASS",
	"UMB-TWOUP",
}

// position puts the window first and keeps the rest in order.
func position(sku string, n int) int {
	if i := slices.Index(window, sku); i >= 0 {
		return i + 1
	}
	return len(window) + n + 1
}
