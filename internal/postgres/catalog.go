package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/catalog"
)

// The numbers of products in the short lists.
const (
	featuredCount   = 8
	relatedCount    = 4
	suggestionCount = 3
)

// productColumns are what productFields scans, of products p.
const productColumns = `p.id, p.sku, p.slug, p.name, p.room, p.summary, p.description, p.material, p.size, p.weight, p.care,
    p.silhouette, p.weave, p.tone, p.price, coalesce(p.was_price, 0), p.stock, coalesce(p.purchase_limit, 0), p.position`

// productFields are where productColumns go.
func productFields(p *catalog.Product) []any {
	return []any{&p.ID, &p.SKU, &p.Slug, &p.Name, &p.Room, &p.Summary, &p.Description, &p.Material, &p.Size, &p.Weight, &p.Care,
		&p.Silhouette, &p.Weave, &p.Tone, &p.Price, &p.WasPrice, &p.Stock, &p.Limit, &p.Position}
}

// Products runs a search, cleaned first. A page beyond the last is no error but Result.Beyond. When nothing at all is found, the query is
// looked for inside of words too, and if that finds nothing either, there are suggestions.
func (s *Store) Products(ctx context.Context, search catalog.Search) (catalog.Result, error) {
	search = search.Clean()
	result, err := s.find(ctx, search, matchWords)
	if err == nil && result.Total == 0 && search.Query != "" {
		result, err = s.find(ctx, search, matchInside)
	}
	if err == nil && result.Total == 0 {
		result.Suggestions, err = s.list(ctx, `WHERE p.stock > 0 ORDER BY p.position, p.id LIMIT $1`, suggestionCount)
	}
	if err != nil {
		return catalog.Result{}, fmt.Errorf("find products: %w", err)
	}
	return result, nil
}

// Product is the product with that slug, or catalog.ErrNotFound.
func (s *Store) Product(ctx context.Context, slug string) (catalog.Product, error) {
	if !catalog.ValidSlug(slug) {
		return catalog.Product{}, catalog.ErrNotFound
	}
	return s.product(ctx, `WHERE p.slug = $1`, slug)
}

// ProductBySKU is the product with that SKU, or catalog.ErrNotFound.
func (s *Store) ProductBySKU(ctx context.Context, sku string) (catalog.Product, error) {
	if !catalog.ValidSKU(sku) {
		return catalog.Product{}, catalog.ErrNotFound
	}
	return s.product(ctx, `WHERE p.sku = $1`, sku)
}

// Featured lists eight products for the first page.
func (s *Store) Featured(ctx context.Context) ([]catalog.Product, error) {
	products, err := s.list(ctx, `ORDER BY p.position, p.id LIMIT $1`, featuredCount)
	if err != nil {
		return nil, fmt.Errorf("list featured products: %w", err)
	}
	return products, nil
}

// Related lists up to four other products of p's room, those that can be had first.
func (s *Store) Related(ctx context.Context, p catalog.Product) ([]catalog.Product, error) {
	products, err := s.list(ctx, `WHERE p.room = $1 AND p.id <> $2 ORDER BY p.stock = 0, p.position, p.id LIMIT $3`, p.Room, p.ID, relatedCount)
	if err != nil {
		return nil, fmt.Errorf("list related products: %w", err)
	}
	return products, nil
}

// Slugs lists the slugs of all products, for the site map.
func (s *Store) Slugs(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT slug FROM products ORDER BY position, id`)
	if err != nil {
		return nil, fmt.Errorf("list slugs: %w", err)
	}
	slugs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list slugs: %w", err)
	}
	return slugs, nil
}

// Ways to match a query, as conditions on @web, @prefix and @inside.
const (
	matchWords  = `(p.search @@ (websearch_to_tsquery('english', @web) || to_tsquery('english', @prefix)) OR p.sku = upper(@web))`
	matchInside = `p.plain LIKE @inside`
)

// sorts are the orders, each made total by the id.
var sorts = map[catalog.Sort]string{
	catalog.Featured:  `p.position, p.id`,
	catalog.PriceUp:   `p.price, p.id`,
	catalog.PriceDown: `p.price DESC, p.id`,
	catalog.ByName:    `fold(p.name), p.id`,
}

// find runs a clean search with one way to match its query.
func (s *Store) find(ctx context.Context, search catalog.Search, match string) (catalog.Result, error) {
	where, order, args := conditions(search, match)
	sql := `SELECT ` + productColumns + `, (SELECT count(*) FROM products p ` + where + `) FROM products p ` + where + ` ORDER BY ` + order + ` LIMIT @limit OFFSET @offset`
	rows, err := s.pool.Query(ctx, sql, args)
	if err != nil {
		return catalog.Result{}, err
	}
	result := catalog.Result{Search: search, Page: search.Page}
	var p catalog.Product
	_, err = pgx.ForEachRow(rows, append(productFields(&p), &result.Total), func() error {
		result.Products = append(result.Products, p)
		return nil
	})
	if err == nil && len(result.Products) == 0 && search.Page > 1 {
		err = s.pool.QueryRow(ctx, `SELECT count(*) FROM products p `+where, args).Scan(&result.Total)
	}
	if err != nil {
		return catalog.Result{}, err
	}
	result.Pages = catalog.PagesFor(result.Total)
	return result, nil
}

// conditions are a search in SQL. What is not asked for is not in it, so that the database can use its indexes.
func conditions(search catalog.Search, match string) (where, order string, args pgx.NamedArgs) {
	args = pgx.NamedArgs{"limit": catalog.PerPage, "offset": (search.Page - 1) * catalog.PerPage}
	conditions := []string{"true"}
	add := func(wanted bool, condition, name string, value any) {
		if wanted {
			conditions = append(conditions, condition)
			args[name] = value
		}
	}
	add(search.Room != "", `p.room = @room`, "room", search.Room)
	add(search.Min > 0, `p.price >= @min`, "min", search.Min)
	add(search.Max > 0, `p.price <= @max`, "max", search.Max)
	add(search.InStock, `p.stock > @none`, "none", 0)
	order = sorts[search.Sort]
	if search.Query != "" {
		conditions = append(conditions, match)
		args["web"], args["prefix"], args["inside"] = catalog.Fold(search.Query), prefixes(search.Words()), inside(search.Query)
		if search.Sort == catalog.Featured && match == matchWords {
			order = `ts_rank(p.search, websearch_to_tsquery('english', @web) || to_tsquery('english', @prefix)) DESC, ` + order
		}
	}
	return `WHERE ` + strings.Join(conditions, ` AND `), order, args
}

// prefixes is a tsquery for texts with a word beginning with each of words, which are letters and digits only.
func prefixes(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, ":* & ") + ":*"
}

// inside is a LIKE pattern for texts that contain the query.
func inside(query string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(catalog.Fold(query)) + "%"
}

func (s *Store) product(ctx context.Context, where string, args ...any) (catalog.Product, error) {
	var p catalog.Product
	err := s.pool.QueryRow(ctx, `SELECT `+productColumns+` FROM products p `+where, args...).Scan(productFields(&p)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return catalog.Product{}, catalog.ErrNotFound
	}
	if err != nil {
		return catalog.Product{}, fmt.Errorf("find product: %w", err)
	}
	return p, nil
}

func (s *Store) list(ctx context.Context, where string, args ...any) ([]catalog.Product, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+productColumns+` FROM products p `+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p catalog.Product, err error) {
		return p, row.Scan(productFields(&p)...)
	})
}
