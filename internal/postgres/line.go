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
// one statement, which says everything when it succeeds; when the cart holds the product already,
// it is two more, and three for a customer. Any number of additions at once end with exactly what
// was accepted.
//
// It refuses with catalog.ErrNotFound, cart.ErrQuantity, a *cart.LimitError, whose Product has no
// more than SKU, Stock and Limit, cart.ErrTooManyLines or cart.ErrClosed; then nothing is changed
// and no cart is made.
func (s *Store) AddLine(ctx context.Context, o cart.Owner, sku string, quantity int) (cartID int64, pieces int,
	err error) {
	return s.add(ctx, addition{owner: o, sku: sku, quantity: quantity})
}

// AddToLine is AddLine for a cart that held the product when it was last read: it is one statement
// when the cart still does, and three when not.
func (s *Store) AddToLine(ctx context.Context, o cart.Owner, sku string, quantity int) (cartID int64, pieces int,
	err error) {
	return s.add(ctx, addition{owner: o, sku: sku, quantity: quantity, held: true})
}

// AddFirstLine begins an anonymous session with a new cart that holds quantity pieces of a product.
// It is one statement. It returns and refuses like AddLine; then no session begins either.
func (s *Store) AddFirstLine(ctx context.Context, n session.NewRecord, sku string, quantity int) (cartID int64,
	pieces int, err error) {
	return s.addOrRefuse(ctx, addition{sku: sku, quantity: quantity}, func(a addition) (int64, int, error) {
		args := newSessionArgs(n)
		args["sku"], args["quantity"] = a.sku, a.quantity
		return s.runAdd(ctx, addToNewSession, args)
	})
}

// addition is what is to be put into a cart.
type addition struct {
	owner    cart.Owner
	sku      string
	quantity int
	held     bool // the cart held the product when it was last read
}

func (s *Store) add(ctx context.Context, a addition) (cartID int64, pieces int, err error) {
	condition, id := owned(a.owner)
	return s.addOrRefuse(ctx, a, func(a addition) (cartID int64, pieces int, err error) {
		switch {
		case a.owner.IsZero():
		case a.held:
			return s.runAdd(ctx, fmt.Sprintf(addToLine, condition), id, a.sku, a.quantity)
		default:
			cartID, pieces, err = s.runAdd(ctx, fmt.Sprintf(addLine, condition), id, a.sku, a.quantity, cart.MaxLines)
		}
		if err == nil && cartID == 0 && (a.owner.IsZero() || a.owner.CustomerID != 0) {
			cartID, pieces, err = s.runAdd(ctx, addToNew, nilIfZero(a.owner.CustomerID), a.sku, a.quantity)
		}
		return cartID, pieces, err
	})
}

// addOrRefuse adds what may be added, and else finds out why not; try returns no cart then.
func (s *Store) addOrRefuse(ctx context.Context, a addition,
	try func(addition) (cartID int64, pieces int, err error)) (cartID int64, pieces int, err error) {
	if a.quantity < 1 {
		return 0, 0, cart.ErrQuantity
	}
	if !catalog.ValidSKU(a.sku) {
		return 0, 0, catalog.ErrNotFound
	}
	a.quantity = min(a.quantity, maxAsked)
	for range addTries {
		cartID, pieces, err = try(a)
		if err == nil && cartID == 0 {
			a.held, err = s.refusal(ctx, a)
		}
		if !errors.Is(err, errRetryAdd) {
			break
		}
	}
	if err != nil {
		return 0, 0, fmt.Errorf("add line: %w", err)
	}
	return cartID, pieces, nil
}

// runAdd runs a statement that adds; the zero cart says that it added nothing.
func (s *Store) runAdd(ctx context.Context, sql string, args ...any) (cartID int64, pieces int, err error) {
	err = s.batch(ctx, func(b *pgx.Batch) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&cartID, &pieces}, func() error { return nil })
			return err
		})
	})
	return cartID, pieces, err
}

// errRetryAdd says that what refused an addition has changed since, or was only that the cart holds
// the product, or holds it no more.
var errRetryAdd = errors.New("what refused the addition has changed since")

// refusal finds out why nothing was added, and whether the cart holds the product.
func (s *Store) refusal(ctx context.Context, a addition) (held bool, err error) {
	p := catalog.Product{SKU: a.sku}
	var cartID int64
	var before, lines int
	condition, id := owned(a.owner)
	err = s.pool.QueryRow(ctx, fmt.Sprintf(whyNotAdded, condition), id, a.sku).Scan(&p.Stock, &p.Limit, &cartID,
		&before, &lines)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, catalog.ErrNotFound
	case err != nil:
		return false, err
	case cartID == 0 && a.owner.CustomerID == 0 && a.owner.CartID != 0:
		return false, cart.ErrClosed
	}
	if err := cart.CheckAdd(p, a.quantity, before, lines); err != nil {
		return false, err
	}
	return before > 0, errRetryAdd
}

// addLine and addToLine judge the cart as it is when its row is locked: PostgreSQL evaluates
// everything anew when another transaction has changed the row. One statement for both takes a
// third more of PostgreSQL's time.
const addLine = `
UPDATE carts c SET products = c.products || p.id, quantities = c.quantities || $3::int, prices = c.prices || p.price,
    added = c.added || now(), changed = now(), undo = NULL
FROM products p
WHERE %s AND p.sku = $2 AND $3 <= line_cap(p.stock, p.purchase_limit)
    AND p.id <> ALL (c.products) AND cardinality(c.products) < $4
RETURNING c.id, $3`

const addToLine = `
UPDATE carts c SET quantities[array_position(c.products, p.id)] = c.quantities[array_position(c.products, p.id)] + $3,
    changed = now(), undo = NULL
FROM products p
WHERE %s AND p.sku = $2
    AND c.quantities[array_position(c.products, p.id)] + $3 <= line_cap(p.stock, p.purchase_limit)
RETURNING c.id, c.quantities[array_position(c.products, p.id)]`

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
SELECT p.stock, coalesce(p.purchase_limit, 0), coalesce(c.id, 0),
    coalesce(c.quantities[array_position(c.products, p.id)], 0), coalesce(cardinality(c.products), 0)
FROM products p LEFT JOIN carts c ON %s WHERE p.sku = $2`

// owned is the condition under which a cart c is the owner's and open, and its parameter $1.
func owned(o cart.Owner) (condition string, id int64) {
	if o.CustomerID != 0 {
		return `c.customer_id = $1`, o.CustomerID
	}
	return `c.id = $1 AND c.customer_id IS NULL AND c.closed IS NULL`, o.CartID
}
