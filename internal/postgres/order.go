package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/order"
)

// listedOrders is how many orders a customer's list shows at most.
const listedOrders = 100

// orderColumns are what orderFields scans, of orders o.
const orderColumns = `o.number, o.status, o.placed, o.name, o.street, o.postcode, o.city, o.country, o.delivery,
    o.total - o.delivery_price, o.delivery_price, o.total, o.vat, cancel_left(o)`

// orderFields are where orderColumns go.
func orderFields(o *order.Order) []any {
	fields := append([]any{&o.Number, &o.Status, &o.Placed}, detailsFields(&o.Address)...)
	return append(fields, &o.Totals.Subtotal, &o.Totals.Delivery, &o.Totals.Total, &o.Totals.VAT, &o.CancelLeft)
}

// Orders lists the customer's orders with their products' names in place of the lines, newest
// first, the last hundred.
func (s *Store) Orders(ctx context.Context, customerID int64) ([]order.Order, error) {
	rows, err := s.pool.Query(ctx, `
SELECT `+orderColumns+`, l.units, l.names
FROM orders o, LATERAL (SELECT sum(quantity) AS units, array_agg(name ORDER BY position) AS names
    FROM order_lines WHERE order_id = o.id) l
WHERE o.customer_id = $1 ORDER BY o.placed DESC, o.id DESC LIMIT $2`, customerID, listedOrders)
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	orders, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o order.Order, err error) {
		return o, row.Scan(append(orderFields(&o), &o.Units, &o.Names)...)
	})
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	return orders, nil
}

// Order is the customer's order with that number, or order.ErrNotFound, also when it is another
// customer's.
func (s *Store) Order(ctx context.Context, customerID int64, number string) (order.Order, error) {
	if !order.ValidNumber(number) {
		return order.Order{}, order.ErrNotFound
	}
	return findOrder(ctx, s.pool, customerID, number)
}

// reader is a pool or a transaction.
type reader interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func findOrder(ctx context.Context, db reader, customerID int64, number string) (order.Order, error) {
	rows, err := db.Query(ctx, `
SELECT `+orderColumns+`, l.sku, l.name, l.silhouette, l.weave, l.tone, l.quantity, l.price
FROM orders o JOIN order_lines l ON l.order_id = o.id
WHERE o.customer_id = $1 AND o.number = $2 ORDER BY l.position`, customerID, number)
	if err != nil {
		return order.Order{}, fmt.Errorf("find order: %w", err)
	}
	var o order.Order
	var l order.Line
	fields := append(orderFields(&o), &l.SKU, &l.Name, &l.Silhouette, &l.Weave, &l.Tone, &l.Quantity, &l.Price)
	_, err = pgx.ForEachRow(rows, fields, func() error {
		o.Lines = append(o.Lines, l)
		o.Units += l.Quantity
		return nil
	})
	if err != nil {
		return order.Order{}, fmt.Errorf("find order: %w", err)
	}
	if len(o.Lines) == 0 {
		return order.Order{}, order.ErrNotFound
	}
	return o, nil
}
