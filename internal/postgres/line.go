package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
)

// maxAsked caps the quantity before arithmetic, which then cannot overflow; anything larger is
// refused anyway.
const maxAsked = 1_000_000

// AddLine puts quantity pieces of a product into the owner's cart, which it makes when there is
// none yet, and returns which cart it was. It is one round trip and one transaction. Any number of
// additions at once end with exactly what was accepted.
//
// It refuses with catalog.ErrNotFound, cart.ErrQuantity, a *cart.LimitError, cart.ErrTooManyLines
// or cart.ErrClosed; then nothing is changed and no cart is made.
func (s *Store) AddLine(ctx context.Context, o cart.Owner, sku string, quantity int) (cartID int64, added cart.Added,
	err error) {
	if quantity < 1 {
		return 0, cart.Added{}, cart.ErrQuantity
	}
	if !catalog.ValidSKU(sku) {
		return 0, cart.Added{}, catalog.ErrNotFound
	}
	quantity = min(quantity, maxAsked)
	var a addResult
	err = s.batch(ctx, func(b *pgx.Batch) { queueAdd(b, o, sku, quantity).QueryRow(a.scan) })
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, cart.Added{}, catalog.ErrNotFound
	}
	if err != nil {
		return 0, cart.Added{}, fmt.Errorf("add line: %w", err)
	}
	if err := a.refusal(o, quantity); err != nil {
		return 0, cart.Added{}, err
	}
	return a.cart, cart.Added{Product: a.product, Quantity: a.before + quantity}, nil
}

// addResult is what adding found and did.
type addResult struct {
	product catalog.Product
	cart    int64 // 0: there is no open one
	before  int   // pieces of the product
	lines   int
	done    bool
}

func (a *addResult) scan(row pgx.Row) error {
	return row.Scan(append(productFields(&a.product), &a.cart, &a.before, &a.lines, &a.done)...)
}

// refusal is why nothing was added, or nil when it was.
func (a *addResult) refusal(o cart.Owner, quantity int) error {
	switch {
	case a.done:
		return nil
	case a.cart == 0 && o.CustomerID == 0 && o.CartID != 0:
		return cart.ErrClosed
	}
	if err := cart.CheckAdd(a.product, quantity, a.before, a.lines); err != nil {
		return err
	}
	return errors.New("add line: refused by the database against the rules")
}

// queueAdd queues what adds a line; the returned statement yields the result, in one row
// unless there is no such product.
//
// An existing cart is locked by a separate statement, so that the next one sees what others
// added in between.
func queueAdd(b *pgx.Batch, o cart.Owner, sku string, quantity int) *pgx.QueuedQuery {
	if o.IsZero() {
		return b.Queue(addToNew, sku, quantity)
	}
	condition, id := owned(o)
	if o.CustomerID != 0 {
		b.Queue(makeCustomerCart, o.CustomerID, sku, quantity)
	}
	b.Queue(`SELECT FROM carts c WHERE `+condition+` FOR UPDATE`, id)
	return b.Queue(fmt.Sprintf(addToExisting, condition), id, sku, quantity, cart.MaxLines)
}

// makeCustomerCart makes the cart of a customer who has none, if what they want to add can be added
// at all.
const makeCustomerCart = `
INSERT INTO carts (customer_id) SELECT $1 FROM products
WHERE sku = $2 AND $3 <= line_cap(stock, purchase_limit) AND NOT EXISTS (SELECT FROM carts WHERE customer_id = $1)
ON CONFLICT DO NOTHING`

const addToNew = `
WITH wanted AS (SELECT id, price FROM products WHERE sku = $1 AND $2 <= line_cap(stock, purchase_limit)),
made AS (INSERT INTO carts (customer_id) SELECT NULL FROM wanted RETURNING id),
put AS (
    INSERT INTO cart_lines (cart_id, product_id, quantity, price_added, position)
    SELECT made.id, wanted.id, $2, wanted.price, 1 FROM made, wanted RETURNING cart_id
)
SELECT ` + productColumns + `, coalesce((SELECT cart_id FROM put), 0), 0, 0, EXISTS (SELECT FROM put)
FROM products p WHERE p.sku = $1`

const addToExisting = `
WITH found AS (
    SELECT c.id AS cart_id, count(l.product_id)::int AS lines, coalesce(max(l.position), 0) AS top,
           coalesce(sum(l.quantity) FILTER (WHERE l.product_id = (SELECT id FROM products WHERE sku = $2)),
               0)::int AS before
    FROM carts c LEFT JOIN cart_lines l ON l.cart_id = c.id AND NOT l.saved
    WHERE %s GROUP BY c.id
), put AS (
    INSERT INTO cart_lines AS l (cart_id, product_id, quantity, price_added, position)
    SELECT f.cart_id, p.id, $3, p.price, f.top + 1 FROM found f, products p
    WHERE p.sku = $2 AND f.before + $3 <= line_cap(p.stock, p.purchase_limit) AND (f.before > 0 OR f.lines < $4)
    ON CONFLICT (cart_id, product_id, saved) DO UPDATE SET quantity = l.quantity + excluded.quantity
    RETURNING l.cart_id
), changed AS (
    UPDATE carts SET changed = now(), undo = NULL WHERE id IN (SELECT cart_id FROM put)
)
SELECT ` + productColumns + `, coalesce(f.cart_id, 0), coalesce(f.before, 0), coalesce(f.lines, 0), EXISTS (SELECT FROM put)
FROM products p LEFT JOIN found f ON true WHERE p.sku = $2`

// owned is the condition under which a cart c is the owner's and open, and its parameter $1.
func owned(o cart.Owner) (condition string, id int64) {
	if o.CustomerID != 0 {
		return `c.customer_id = $1`, o.CustomerID
	}
	return `c.id = $1 AND c.customer_id IS NULL AND c.closed IS NULL`, o.CartID
}
