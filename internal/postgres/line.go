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
// none yet, and returns which cart it was and how many pieces of the product it now holds. It is
// one round trip and one transaction. Any number of additions at once end with exactly what was
// accepted.
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
	a := addResult{product: catalog.Product{SKU: sku}}
	err = s.batch(ctx, func(b *pgx.Batch) { queueAdd(b, o, sku, quantity).QueryRow(a.scan) })
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, catalog.ErrNotFound
	}
	if err != nil {
		return 0, 0, fmt.Errorf("add line: %w", err)
	}
	if err := a.refusal(o, quantity); err != nil {
		return 0, 0, err
	}
	return a.cart, a.before + quantity, nil
}

// addResult is what adding found and did.
type addResult struct {
	product catalog.Product // what the rules ask
	cart    int64           // 0: there is no open one
	before  int             // pieces of the product
	lines   int
	done    bool
}

func (a *addResult) scan(row pgx.Row) error {
	return row.Scan(&a.product.Stock, &a.product.Limit, &a.cart, &a.before, &a.lines, &a.done)
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
SELECT p.stock, coalesce(p.purchase_limit, 0), coalesce((SELECT cart_id FROM put), 0), 0, 0, EXISTS (SELECT FROM put)
FROM products p WHERE p.sku = $1`

// addToExisting writes the cart's own row at most once a minute, unless there is something to undo:
// only the sweeper reads when the cart was changed, and it waits for a day.
const addToExisting = `
WITH found AS (
    SELECT c.id AS cart_id, p.id AS product_id, p.price, p.stock, p.purchase_limit, n.*
    FROM products p LEFT JOIN carts c ON %s CROSS JOIN LATERAL (
        SELECT count(*)::int AS lines, coalesce(max(position), 0) AS top,
               coalesce(max(quantity) FILTER (WHERE product_id = p.id), 0) AS before
        FROM cart_lines WHERE cart_id = c.id AND NOT saved
    ) n
    WHERE p.sku = $2
), put AS (
    INSERT INTO cart_lines AS l (cart_id, product_id, quantity, price_added, position)
    SELECT cart_id, product_id, $3, price, top + 1 FROM found
    WHERE cart_id IS NOT NULL AND before + $3 <= line_cap(stock, purchase_limit) AND (before > 0 OR lines < $4)
    ON CONFLICT (cart_id, product_id, saved) DO UPDATE SET quantity = l.quantity + excluded.quantity
    RETURNING cart_id
), changed AS (
    UPDATE carts SET changed = now(), undo = NULL
    WHERE id IN (SELECT cart_id FROM put) AND (undo IS NOT NULL OR changed < now() - interval '1 minute')
)
SELECT stock, coalesce(purchase_limit, 0), coalesce(cart_id, 0), before, lines, EXISTS (SELECT FROM put) FROM found`

// owned is the condition under which a cart c is the owner's and open, and its parameter $1.
func owned(o cart.Owner) (condition string, id int64) {
	if o.CustomerID != 0 {
		return `c.customer_id = $1`, o.CustomerID
	}
	return `c.id = $1 AND c.customer_id IS NULL AND c.closed IS NULL`, o.CartID
}
