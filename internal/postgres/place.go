package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/order"
)

// numberTries is how many order numbers are drawn before the shop gives up: one is free almost
// always.
const numberTries = 5

// PlaceOrder turns the customer's cart into an order: one transaction, all of it or none. It is
// safe to repeat: a key that has led to an order already leads to the same order again, and the
// cart is left alone then.
//
// It refuses with order.ErrEmpty, order.ErrUnfinished, order.ErrStaleKey, a *order.SoldOutError or
// a *order.TotalChangedError, with order.ErrSignedOut when customer or session ended before the
// order was placed, and with order.ErrNotFound when the key led to another customer's order.
// Nothing is changed then.
func (s *Store) PlaceOrder(ctx context.Context, p order.Placing) (placed order.Order, err error) {
	if !order.ValidKey(p.Key) {
		return order.Order{}, order.ErrStaleKey
	}
	for range numberTries {
		err = s.inTx(ctx, func(tx *transaction) error {
			placed, err = placeOrder(ctx, tx, p, s.newNumber())
			return err
		})
		if !violates(err, "orders_number_key") {
			break
		}
	}
	if err != nil {
		return order.Order{}, fmt.Errorf("place order: %w", err)
	}
	return placed, nil
}

// placeOrder is one try, with one number.
func placeOrder(ctx context.Context, tx *transaction, p order.Placing, number string) (order.Order, error) {
	d, err := lockCheckout(ctx, tx, p)
	if err != nil {
		return order.Order{}, err
	}
	if !d.enabled || !d.signedIn {
		return order.Order{}, order.ErrSignedOut
	}
	if d.earlier != "" {
		return findOrder(ctx, tx, p.CustomerID, d.earlier) // not found when it is another customer's
	}
	if err := d.check(p); err != nil {
		return order.Order{}, err
	}
	placed := order.Order{Number: number, Status: order.Placed, Address: d.checkout.Details,
		Totals: order.TotalsOf(d.cart, d.checkout.Details.Delivery),
		Units:  d.cart.Units(), Lines: order.Copy(d.cart.Lines)}
	if err := d.keep(ctx, tx, &placed); err != nil {
		return order.Order{}, err
	}
	return placed, nil
}

// lockedCheckout is what placing an order reads, all of it locked.
type lockedCheckout struct {
	customer int64
	checkout order.Checkout
	earlier  string // the number of the order that the key has led to already
	enabled  bool   // the customer may sign in
	signedIn bool   // the session that pressed goes on
	cart     cart.Cart
}

// check is why the order cannot be placed, or nil.
func (d lockedCheckout) check(p order.Placing) error {
	switch {
	case d.checkout.Key != p.Key:
		return order.ErrStaleKey
	case d.cart.Empty():
		return order.ErrEmpty
	case d.checkout.Details.Next() != order.ReviewStep:
		return order.ErrUnfinished
	}
	if blocked := d.cart.Blocked(); len(blocked) > 0 {
		return &order.SoldOutError{Lines: blocked}
	}
	if now := order.TotalsOf(d.cart, d.checkout.Details.Delivery).Total; now != p.Total {
		return &order.TotalChangedError{Shown: p.Total, Now: now}
	}
	return nil
}

// lockCheckout locks customer, checkout, session, cart and products in this order, each by a
// statement before the one that reads it, in one round trip. A second press of the button waits at
// the first statement, and the second one shows it the order of the first press.
func lockCheckout(ctx context.Context, tx *transaction, p order.Placing) (d lockedCheckout, err error) {
	d.customer = p.CustomerID
	condition, id := owned(cart.Owner{CustomerID: p.CustomerID})
	none := func() error { return nil }
	b := &pgx.Batch{}
	b.Queue(`SELECT disabled IS NULL FROM customers WHERE id = $1 FOR NO KEY UPDATE`,
		p.CustomerID).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&d.enabled}, none)
		return err
	})
	b.Queue(`SELECT order_key, `+detailsColumns+` FROM checkouts WHERE customer_id = $1 FOR UPDATE`,
		p.CustomerID).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, append([]any{&d.checkout.Key}, detailsFields(&d.checkout.Details)...), none)
		return err
	})
	b.Queue(`SELECT number FROM orders WHERE order_key = $1`, p.Key).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&d.earlier}, none)
		return err
	})
	d.signedIn = p.Session == ""
	b.Queue(sessionGoesOn, p.Session, p.CustomerID).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&d.signedIn}, none)
		return err
	})
	b.Queue(`SELECT FROM carts c WHERE `+condition+` FOR UPDATE`, id)
	b.Queue(lockProducts, p.CustomerID)
	b.Queue(fmt.Sprintf(selectCart, condition), id).Query(func(rows pgx.Rows) (err error) {
		d.cart, err = collectCart(rows)
		return err
	})
	return d, tx.send(ctx, b)
}

// sessionGoesOn finds the customer's session with that handle, or the one it went on as, while it
// is live. The lock keeps a sign-out waiting until the order is placed.
const sessionGoesOn = `
SELECT true FROM sessions s
WHERE s.id = (SELECT latest_session(o.id) FROM sessions o WHERE o.handle = $1) AND s.customer_id = $2
    AND live(s) FOR SHARE`

// lockProducts takes the rows in ascending order, so that no two orders wait for each other, and
// keeps price and stock from changing between what is decided and what is written.
const lockProducts = `
SELECT FROM products WHERE id IN (
    SELECT l.product_id FROM cart_lines l JOIN carts c ON c.id = l.cart_id WHERE c.customer_id = $1 AND NOT l.saved
) ORDER BY id FOR NO KEY UPDATE`

// keep takes the pieces from the stock, writes the order, empties the cart and gives the checkout a
// new key.
func (d lockedCheckout) keep(ctx context.Context, tx *transaction, o *order.Order) error {
	var products []int64
	var quantities []int
	for _, l := range d.cart.Lines {
		products, quantities = append(products, l.Product.ID), append(quantities, l.Quantity)
	}
	b := &pgx.Batch{}
	b.Queue(takeStock, products, quantities)
	b.Queue(insertOrder, d.orderArgs(*o)).QueryRow(func(row pgx.Row) error { return row.Scan(&o.Placed) })
	b.Queue(insertOrderLines, o.Number, products, quantities)
	b.Queue(`UPDATE carts SET `+emptied+` WHERE id = $1`, d.cart.ID)
	b.Queue(`UPDATE checkouts SET order_key = $2, changed = statement_timestamp() WHERE customer_id = $1`, d.customer,
		order.NewKey())
	if err := tx.sendLast(ctx, b); err != nil {
		return fmt.Errorf("keep order: %w", err)
	}
	return nil
}

// takeStock violates products_stock_check when not enough is left.
const takeStock = `
UPDATE products p SET stock = p.stock - n.quantity
FROM unnest($1::bigint[], $2::int[]) AS n (product, quantity) WHERE p.id = n.product`

const insertOrder = `
INSERT INTO orders (number, customer_id, order_key, name, street, postcode, city, country, delivery,
    delivery_price, total, vat)
VALUES (@number, @customer, @key, @name, @street, @postcode, @city, @country, @delivery, @delivery_price, @total, @vat)
RETURNING placed`

func (d lockedCheckout) orderArgs(o order.Order) pgx.NamedArgs {
	a := o.Address
	return pgx.NamedArgs{"number": o.Number, "customer": d.customer, "key": d.checkout.Key,
		"name": a.Name, "street": a.Street, "postcode": a.Postcode, "city": a.City, "country": a.Country,
		"delivery":       a.Delivery,
		"delivery_price": o.Totals.Delivery, "total": o.Totals.Total, "vat": o.Totals.VAT}
}

// insertOrderLines copies from the products, which are locked.
const insertOrderLines = `
INSERT INTO order_lines (order_id, position, product_id, sku, name, silhouette, weave, tone, quantity, price)
SELECT o.id, n.position, p.id, p.sku, p.name, p.silhouette, p.weave, p.tone, n.quantity, p.price
FROM orders o, unnest($2::bigint[], $3::int[]) WITH ORDINALITY AS n (product, quantity, position)
    JOIN products p ON p.id = n.product
WHERE o.number = $1`

// violates reports whether err is the violation of that constraint.
func violates(err error, constraint string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && strings.HasPrefix(e.Code, "23") && e.ConstraintName == constraint
}
