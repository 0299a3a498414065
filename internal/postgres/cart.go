package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/cart"
)

// Cart returns the owner's cart with the products as they are today, in one query; it is empty if
// the owner has no cart or it was closed.
func (s *Store) Cart(ctx context.Context, o cart.Owner) (cart.Cart, error) {
	if o.IsZero() {
		return cart.Cart{}, nil
	}
	condition, id := owned(o)
	rows, err := s.pool.Query(ctx, fmt.Sprintf(selectCart, condition), id)
	if err != nil {
		return cart.Cart{}, fmt.Errorf("find cart: %w", err)
	}
	c, err := collectCart(rows)
	if err != nil {
		return cart.Cart{}, fmt.Errorf("find cart: %w", err)
	}
	return c, nil
}

// SetLine makes a line quantity pieces; 0 removes it, which UndoCart takes back. It refuses like
// cart.Cart.Set, and with cart.ErrClosed.
func (s *Store) SetLine(ctx context.Context, o cart.Owner, sku string, quantity int) error {
	return s.change(ctx, o, func(c *cart.Cart) error { return c.Set(sku, quantity) })
}

// SaveLine moves a line to what is saved for later. It refuses like cart.Cart.Save, and with
// cart.ErrClosed.
func (s *Store) SaveLine(ctx context.Context, o cart.Owner, sku string) error {
	return s.change(ctx, o, func(c *cart.Cart) error { return c.Save(sku) })
}

// RestoreLine moves what was saved for later back. It refuses like cart.Cart.Restore, and with
// cart.ErrClosed.
func (s *Store) RestoreLine(ctx context.Context, o cart.Owner, sku string) error {
	return s.change(ctx, o, func(c *cart.Cart) error { return c.Restore(sku) })
}

// DiscardLine takes out what was saved for later, which UndoCart takes back. It refuses with
// cart.ErrClosed.
func (s *Store) DiscardLine(ctx context.Context, o cart.Owner, sku string) error {
	return s.change(ctx, o, func(c *cart.Cart) error {
		c.Discard(sku)
		return nil
	})
}

// ForgetCart empties and closes an anonymous cart for good: nothing is put in any more. A
// customer's cart is not forgotten like this.
func (s *Store) ForgetCart(ctx context.Context, o cart.Owner) error {
	if o.IsZero() || o.CustomerID != 0 {
		return nil
	}
	_, err := s.pool.Exec(ctx, closeCart+` AND customer_id IS NULL AND closed IS NULL`, o.CartID)
	if err != nil {
		return fmt.Errorf("forget cart: %w", err)
	}
	return nil
}

// emptied is the SET of an UPDATE that takes every line out of a cart; what is saved for later
// stays.
const emptied = `products = '{}', quantities = '{}', prices = '{}', added = '{}', changed = now(), undo = NULL`

// closeCart empties an anonymous cart and makes it one that nothing is added to any more, to be
// swept in a day.
const closeCart = `
UPDATE carts SET ` + emptied + `,
    saved_products = '{}', saved_quantities = '{}', saved_prices = '{}', saved_added = '{}', closed = now(),
    sweep_after = now() + interval '24 hours'
WHERE id = $1`

// change locks the owner's cart, lets decide change it, and keeps the change. When decide refuses,
// nothing is changed.
func (s *Store) change(ctx context.Context, o cart.Owner, decide func(*cart.Cart) error) error {
	return s.inTx(ctx, func(tx *transaction) error {
		c, err := lockCart(ctx, tx, o)
		if err != nil {
			return err
		}
		if err := decide(&c); err != nil || c.ID == 0 {
			return err
		}
		b := &pgx.Batch{}
		queueCart(b, c)
		if err := tx.sendLast(ctx, b); err != nil {
			return fmt.Errorf("save cart: %w", err)
		}
		return nil
	})
}

// lockCart reads the owner's cart and keeps others from changing it until the transaction ends. A
// customer who has none has an empty one.
func lockCart(ctx context.Context, tx *transaction, o cart.Owner) (c cart.Cart, err error) {
	condition, id := owned(o)
	b := &pgx.Batch{}
	b.Queue(`SELECT FROM carts c WHERE `+condition+` FOR UPDATE`, id)
	b.Queue(fmt.Sprintf(selectCart, condition), id).Query(func(rows pgx.Rows) error {
		c, err = collectCart(rows)
		return err
	})
	if err := tx.send(ctx, b); err != nil {
		return cart.Cart{}, fmt.Errorf("lock cart: %w", err)
	}
	if c.ID == 0 && o.CartID != 0 && o.CustomerID == 0 {
		return cart.Cart{}, cart.ErrClosed
	}
	return c, nil
}

// selectCart finds one row for each line, and one row without a line for an empty cart. A product
// that the shop no longer sells is left out.
const selectCart = `
SELECT c.id, c.undo, l.saved, l.quantity, l.price_added, l.added, ` + productColumns + `
FROM carts c LEFT JOIN (cart_lines l JOIN products p ON p.id = l.product_id) ON l.cart_id = c.id
WHERE %s ORDER BY l.saved, l.position DESC`

// collectCart makes a cart of the rows of selectCart.
func collectCart(rows pgx.Rows) (c cart.Cart, err error) {
	var undo *undoRecord
	defer rows.Close()
	for rows.Next() {
		if rows.RawValues()[2] == nil { // saved is NULL: no line at all
			if err := rows.Scan(append([]any{&c.ID, &undo}, make([]any, len(rows.RawValues())-2)...)...); err != nil {
				return cart.Cart{}, err
			}
			continue
		}
		var l cart.Line
		var saved bool
		fields := []any{&c.ID, &undo, &saved, &l.Quantity, &l.PriceAdded, &l.Added}
		if err := rows.Scan(append(fields, productFields(&l.Product)...)...); err != nil {
			return cart.Cart{}, err
		}
		if saved {
			c.Saved = append(c.Saved, l)
		} else {
			c.Lines = append(c.Lines, l)
		}
	}
	c.Undo = undo.undo()
	return c, rows.Err()
}

// queueCart writes the lines as they are in c, whatever was there before. The caller has locked the
// cart.
func queueCart(b *pgx.Batch, c cart.Cart) {
	lines, saved := newLineArrays(c.Lines), newLineArrays(c.Saved)
	b.Queue(updateCart, c.ID, newUndoRecord(c.Undo), lines.products, lines.quantities, lines.prices, lines.added,
		saved.products, saved.quantities, saved.prices, saved.added)
}

const updateCart = `
UPDATE carts SET changed = now(), undo = $2, products = $3::bigint[], quantities = $4::int[], prices = $5, added = $6,
    saved_products = $7::bigint[], saved_quantities = $8::int[], saved_prices = $9, saved_added = $10
WHERE id = $1`
