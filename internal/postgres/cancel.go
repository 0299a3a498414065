package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/order"
)

// CancelOrder cancels a customer's order within order.CancelWithin of its placing and returns its
// pieces to the stock, in one transaction. It is safe to repeat: an order that is cancelled already
// stays so, and its pieces return once. It refuses with order.ErrTooLate, and with
// order.ErrNotFound when the customer has no such order. Nothing is changed then.
func (s *Store) CancelOrder(ctx context.Context, customerID int64, number string) error {
	if !order.ValidNumber(number) {
		return order.ErrNotFound
	}
	err := s.inTx(ctx, func(tx *transaction) error {
		var id int64
		err := tx.QueryRow(ctx, cancelOrder, customerID, number).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return notCancelled(ctx, tx, customerID, number)
		}
		if err != nil {
			return err
		}
		b := &pgx.Batch{}
		b.Queue(lockOrdered, id)
		b.Queue(returnStock, id)
		return tx.sendLast(ctx, b)
	})
	if err != nil {
		return fmt.Errorf("cancel order: %w", err)
	}
	return nil
}

// cancelOrder locks the row it changes. Of several presses at once the others wait, and then find
// it cancelled.
const cancelOrder = `
UPDATE orders SET status = 'cancelled'
WHERE customer_id = $1 AND number = $2 AND cancel_left(orders) > interval '0'
RETURNING id`

// lockOrdered takes the products in the order in which every other transaction takes them.
const lockOrdered = `
SELECT FROM products WHERE id IN (SELECT product_id FROM order_lines WHERE order_id = $1) ORDER BY id FOR NO KEY UPDATE`

const returnStock = `
UPDATE products p SET stock = p.stock + l.quantity FROM order_lines l WHERE l.order_id = $1 AND p.id = l.product_id`

// notCancelled returns why no order was cancelled; nil when it had been cancelled before.
func notCancelled(ctx context.Context, tx *transaction, customerID int64, number string) error {
	o, err := findOrder(ctx, tx, customerID, number)
	if err == nil && o.Status != order.Cancelled {
		return order.ErrTooLate
	}
	return err
}
