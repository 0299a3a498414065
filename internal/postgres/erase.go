package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// EraseCustomer takes away what the shop knows of a customer and need not keep: identity, name,
// e-mail, cart, checkout, and what their browsers call themselves. Live sessions end as revoked,
// and it returns how many; a later sign-in makes a new customer. Orders stay as they are, with the
// address they went to: the law has them kept. What a request in flight wants to save of the
// checkout is dropped. Erasing again also takes away a cart that such a request made. It returns
// ErrNoCustomer for an unknown one. It needs the rights of the database's owner, which the running
// shop lacks.
func (s *Store) EraseCustomer(ctx context.Context, id int64) (ended int64, err error) {
	err = s.chore(ctx, func(tx *transaction) error {
		var issuer, subject string
		err := tx.QueryRow(ctx, `SELECT issuer, subject FROM customers WHERE id = $1`, id).Scan(&issuer, &subject)
		if err != nil {
			return noCustomer(err)
		}
		b := &pgx.Batch{}
		queueIdentity(b, issuer, subject, "") // or a sign-in that has found the customer loses them
		b.Queue(`SELECT FROM customers WHERE id = $1 FOR UPDATE`, id)
		b.Queue(endOfCustomers, []int64{id}).Exec(func(done pgconn.CommandTag) error {
			ended = done.RowsAffected()
			return nil
		})
		b.Queue(forgetBrowsers, id)
		b.Queue(`DELETE FROM carts WHERE customer_id = $1`, id)
		b.Queue(`DELETE FROM checkouts WHERE customer_id = $1`, id)
		b.Queue(`DELETE FROM logout_marks WHERE issuer = $1 AND subject = $2`, issuer, subject)
		b.Queue(forgetCustomer, id)
		return tx.sendLast(ctx, b)
	})
	if err != nil {
		return 0, fmt.Errorf("erase customer %d: %w", id, err)
	}
	return ended, nil
}

// forgetBrowsers reaches the anonymous sessions, too, that went on as the customer's.
const forgetBrowsers = `
WITH RECURSIVE theirs AS (
    SELECT id FROM sessions WHERE customer_id = $1
    UNION SELECT s.id FROM sessions s JOIN theirs t ON s.replaced_by = t.id
)
UPDATE sessions SET user_agent = '', provider_sid = NULL WHERE id IN (SELECT id FROM theirs)`

// forgetCustomer leaves the row, which the orders belong to, with an identity that no provider
// gives.
const forgetCustomer = `
UPDATE customers SET issuer = 'erased', subject = id::text, name = '', email = '', email_verified = false,
    disabled = coalesce(disabled, statement_timestamp()), auth_not_before = statement_timestamp(), last_sign_in = NULL
WHERE id = $1 AND issuer <> 'erased'`

func noCustomer(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNoCustomer
	}
	return err
}
