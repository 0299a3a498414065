package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/order"
)

// detailsColumns are what detailsFields scans.
const detailsColumns = `name, street, postcode, city, country, delivery`

// detailsFields are where detailsColumns go.
func detailsFields(d *order.Details) []any {
	return []any{&d.Name, &d.Street, &d.Postcode, &d.City, &d.Country, &d.Delivery}
}

// Checkout is the checkout the customer is in the middle of; empty and without a key when there is
// none or the last one is 30 days old. Looking begins none (ASVS 3.5.3): the first step that is
// saved does, and its key stays the same until an order is placed with it.
func (s *Store) Checkout(ctx context.Context, customerID int64) (order.Checkout, error) {
	var c order.Checkout
	err := s.pool.QueryRow(ctx, findCheckout, customerID).Scan(append([]any{&c.Key}, detailsFields(&c.Details)...)...)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return order.Checkout{}, fmt.Errorf("find checkout: %w", err)
	}
	return c, nil
}

// checkoutLives is true until 30 days after the last change.
const checkoutLives = `changed > statement_timestamp() - interval '30 days'`

const findCheckout = `SELECT order_key, ` + detailsColumns + ` FROM checkouts WHERE customer_id = $1 AND ` +
	checkoutLives

// saveStep forgets a checkout that is over and saves a step of the one that lives, or of a new one,
// in one round trip. It saves nothing of a customer who is disabled or erased: the lock of the
// customer's row, which comes first, makes it wait for a transaction that does so.
func (s *Store) saveStep(ctx context.Context, customerID int64, save string, args ...any) error {
	return s.batch(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT FROM customers WHERE id = $1 FOR SHARE`, customerID)
		b.Queue(`DELETE FROM checkouts WHERE customer_id = $1 AND NOT `+checkoutLives, customerID)
		b.Queue(save, append([]any{customerID, order.NewKey()}, args...)...)
	})
}

// SaveAddress keeps the address of d, cleaned, right or wrong; its delivery is not looked at.
func (s *Store) SaveAddress(ctx context.Context, customerID int64, d order.Details) error {
	d = d.Clean()
	if err := s.saveStep(ctx, customerID, saveAddress, d.Name, d.Street, d.Postcode, d.City, d.Country); err != nil {
		return fmt.Errorf("save address: %w", err)
	}
	return nil
}

const saveAddress = `
INSERT INTO checkouts (customer_id, order_key, name, street, postcode, city, country)
SELECT id, $2, $3, $4, $5, $6, $7 FROM customers WHERE id = $1 AND disabled IS NULL
ON CONFLICT (customer_id) DO UPDATE
SET name = excluded.name, street = excluded.street, postcode = excluded.postcode, city = excluded.city,
    country = excluded.country,
    changed = statement_timestamp()`

// SaveDelivery keeps how the order is to go; what is no delivery is kept as none.
func (s *Store) SaveDelivery(ctx context.Context, customerID int64, d order.Delivery) error {
	d = order.Details{Delivery: d}.Clean().Delivery
	if err := s.saveStep(ctx, customerID, saveDelivery, d); err != nil {
		return fmt.Errorf("save delivery: %w", err)
	}
	return nil
}

const saveDelivery = `
INSERT INTO checkouts (customer_id, order_key, delivery)
SELECT id, $2, $3 FROM customers WHERE id = $1 AND disabled IS NULL
ON CONFLICT (customer_id) DO UPDATE SET delivery = excluded.delivery, changed = statement_timestamp()`
