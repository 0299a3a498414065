package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/session"
)

// maxAsked caps the quantity before arithmetic, which then cannot overflow; anything larger is
// refused anyway.
const maxAsked = 1_000_000

// addTries is how often an addition is tried while others keep changing what refuses it.
const addTries = 5

// AddLine puts quantity pieces of a product into the owner's cart, which it makes when there is
// none yet, and returns which cart it was and how many pieces of the product it now holds. It is
// one statement, which says everything when it succeeds. Any number of additions at once end with
// exactly what was accepted.
//
// It refuses with catalog.ErrNotFound, cart.ErrQuantity, a *cart.LimitError, whose Product has no
// more than SKU, Stock and Limit, cart.ErrTooManyLines or cart.ErrClosed; then nothing is changed
// and no cart is made.
func (s *Store) AddLine(ctx context.Context, o cart.Owner, sku string, quantity int) (cartID int64, pieces int,
	err error) {
	if quantity < 1 {
		return 0, 0, cart.ErrQuantity
	}
	if !catalog.ValidSKU(sku) {
		return 0, 0, catalog.ErrNotFound
	}
	quantity = min(quantity, maxAsked)
	return s.addOrRefuse(ctx, o, sku, quantity, func() (cartID int64, pieces int, err error) {
		if !o.IsZero() {
			condition, id := owned(o)
			cartID, pieces, err = s.put(ctx, fmt.Sprintf(addToCart, condition, lineOf), id, sku, quantity, cart.MaxLines)
		}
		if err == nil && cartID == 0 && (o.IsZero() || o.CustomerID != 0) {
			cartID, pieces, err = s.put(ctx, addToNew, nilIfZero(o.CustomerID), sku, quantity)
		}
		return cartID, pieces, err
	})
}

// AddFirstLine begins an anonymous session with a new cart that holds quantity pieces of a product.
// It is one statement. It returns and refuses like AddLine; then no session begins either.
func (s *Store) AddFirstLine(ctx context.Context, n session.NewRecord, sku string, quantity int) (cartID int64,
	pieces int, err error) {
	if quantity < 1 {
		return 0, 0, cart.ErrQuantity
	}
	if !catalog.ValidSKU(sku) {
		return 0, 0, catalog.ErrNotFound
	}
	quantity = min(quantity, maxAsked)
	args := newSessionArgs(n)
	args["sku"], args["quantity"] = sku, quantity
	return s.addOrRefuse(ctx, cart.Owner{}, sku, quantity, func() (int64, int, error) {
		return s.put(ctx, addToNewSession, args)
	})
}

// addOrRefuse adds what may be added, and else finds out why not; add returns no cart then.
func (s *Store) addOrRefuse(ctx context.Context, o cart.Owner, sku string, quantity int,
	add func() (cartID int64, pieces int, err error)) (cartID int64, pieces int, err error) {
	for range addTries {
		cartID, pieces, err = add()
		if err == nil && cartID == 0 {
			err = s.refusal(ctx, o, sku, quantity)
		}
		if !errors.Is(err, errMayAdd) {
			break
		}
	}
	if err != nil {
		return 0, 0, fmt.Errorf("add line: %w", err)
	}
	return cartID, pieces, nil
}

// put runs a statement that adds; the zero cart says that it added nothing.
func (s *Store) put(ctx context.Context, sql string, args ...any) (cartID int64, pieces int, err error) {
	err = s.batch(ctx, func(b *pgx.Batch) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&cartID, &pieces}, func() error { return nil })
			return err
		})
	})
	return cartID, pieces, err
}

// errMayAdd says that what refused an addition has changed since.
var errMayAdd = errors.New("what refused the addition has changed since")

// refusal finds out why nothing was added.
func (s *Store) refusal(ctx context.Context, o cart.Owner, sku string, quantity int) error {
	p := catalog.Product{SKU: sku}
	var cartID int64
	var before, lines int
	condition, id := owned(o)
	err := s.pool.QueryRow(ctx, fmt.Sprintf(whyNotAdded, condition, lineOf), id, sku).Scan(&p.Stock, &p.Limit, &cartID,
		&before, &lines)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return catalog.ErrNotFound
	case err != nil:
		return err
	case cartID == 0 && o.CustomerID == 0 && o.CartID != 0:
		return cart.ErrClosed
	}
	if err := cart.CheckAdd(p, quantity, before, lines); err != nil {
		return err
	}
	return errMayAdd
}

// lineOf is the place of product p among the lines of cart c, or the next one.
const lineOf = `coalesce(array_position(c.products, p.id), cardinality(c.products) + 1)`

// addToCart judges the cart as it is when its row is locked: PostgreSQL evaluates everything anew
// when another transaction has changed the row.
const addToCart = `
UPDATE carts c SET products[%[2]s] = p.id, quantities[%[2]s] = coalesce(c.quantities[%[2]s], 0) + $3,
    prices[%[2]s] = coalesce(c.prices[%[2]s], p.price), added[%[2]s] = coalesce(c.added[%[2]s], now()),
    changed = now(), undo = NULL
FROM products p
WHERE %[1]s AND p.sku = $2 AND coalesce(c.quantities[%[2]s], 0) + $3 <= line_cap(p.stock, p.purchase_limit)
    AND (p.id = ANY (c.products) OR cardinality(c.products) < $4)
RETURNING c.id, c.quantities[%[2]s]`

const addToNew = `
INSERT INTO carts (customer_id, products, quantities, prices, added)
SELECT $1, ARRAY[id], ARRAY[$3::int], ARRAY[price], ARRAY[now()] FROM products
WHERE sku = $2 AND $3 <= line_cap(stock, purchase_limit)
ON CONFLICT (customer_id) DO NOTHING
RETURNING id, quantities[1]`

const addToNewSession = `
WITH filled AS (
    INSERT INTO carts (products, quantities, prices, added)
    SELECT ARRAY[id], ARRAY[@quantity::int], ARRAY[price], ARRAY[now()] FROM products
    WHERE sku = @sku AND @quantity <= line_cap(stock, purchase_limit)
    RETURNING id, quantities[1] AS pieces
) ` + newSession + `, id FROM filled
RETURNING cart_id, (SELECT pieces FROM filled)`

const whyNotAdded = `
SELECT p.stock, coalesce(p.purchase_limit, 0), coalesce(c.id, 0), coalesce(c.quantities[%[2]s], 0),
    coalesce(cardinality(c.products), 0)
FROM products p LEFT JOIN carts c ON %[1]s WHERE p.sku = $2`

// owned is the condition under which a cart c is the owner's and open, and its parameter $1.
func owned(o cart.Owner) (condition string, id int64) {
	if o.CustomerID != 0 {
		return `c.customer_id = $1`, o.CustomerID
	}
	return `c.id = $1 AND c.customer_id IS NULL AND c.closed IS NULL`, o.CartID
}
