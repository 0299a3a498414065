package postgres

import (
	"context"
	"fmt"

	"hookandtag.example/shop/internal/catalog/seed"
)

// Seed puts the first day's products into the shop and returns how many were missing. It only
// inserts: a product that is there already, changed or not, stays as it is. It is safe to run
// twice, also concurrently.
func (s *Store) Seed(ctx context.Context) (inserted int, err error) {
	done, err := s.pool.Exec(ctx, seedProducts, seedRecords())
	if err != nil {
		return 0, fmt.Errorf("seed products: %w", err)
	}
	return int(done.RowsAffected()), nil
}

const seedProducts = `
INSERT INTO products (sku, slug, name, room, summary, description, material, size, weight, care,
    silhouette, weave, tone, price, was_price, stock, purchase_limit, position)
SELECT n.sku, n.slug, n.name, n.room, n.summary, n.description, n.material, n.size, n.weight, n.care,
    n.silhouette, n.weave, n.tone,
       n.price, nullif(n.was_price, 0), n.stock, nullif(n.purchase_limit, 0), n.position
FROM jsonb_to_recordset($1::jsonb) AS n (sku text, slug text, name text, room text, summary text,
    description text, material text,
     size text, weight text, care text,
     silhouette text, weave text, tone text, price bigint, was_price bigint, stock integer,
         purchase_limit integer, position integer)
ORDER BY n.position
ON CONFLICT DO NOTHING`

// seedRecords are the products with the names of the table's columns.
func seedRecords() []map[string]any {
	var records []map[string]any
	for _, p := range seed.Items() {
		records = append(records, map[string]any{
			"sku": p.SKU, "slug": p.Slug, "name": p.Name, "room": p.Room, "summary": p.Summary, "description": p.Description,
			"material": p.Material, "size": p.Size, "weight": p.Weight, "care": p.Care,
			"silhouette": p.Silhouette, "weave": p.Weave, "tone": p.Tone, "price": p.Price, "was_price": p.WasPrice,
			"stock":          p.Stock,
			"purchase_limit": p.Limit, "position": p.Position,
		})
	}
	return records
}
