package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/cart"
)

// bothCarts are a customer's cart and the anonymous one that joins it at a sign-in. guest
// is empty if that cart is closed or a customer's.
type bothCarts struct{ own, guest cart.Cart }

// queueLock reads both carts, each locked by a statement before the one that reads it. The
// customer's is made if needed and locked first.
func (c *bothCarts) queueLock(b *pgx.Batch, guestCartID, customerID int64) {
	ownCondition, _ := owned(cart.Owner{CustomerID: customerID})
	guestCondition, _ := owned(cart.Owner{CartID: guestCartID})
	b.Queue(`INSERT INTO carts (customer_id) SELECT $1 WHERE NOT EXISTS (SELECT FROM carts WHERE customer_id = $1) ON
		CONFLICT DO NOTHING`, customerID)
	b.Queue(`SELECT FROM carts c WHERE `+ownCondition+` FOR UPDATE`, customerID)
	b.Queue(`SELECT FROM carts c WHERE `+guestCondition+` FOR UPDATE`, guestCartID)
	b.Queue(fmt.Sprintf(selectCart, ownCondition), customerID).Query(func(rows pgx.Rows) (err error) {
		c.own, err = collectCart(rows)
		return err
	})
	b.Queue(fmt.Sprintf(selectCart, guestCondition), guestCartID).Query(func(rows pgx.Rows) (err error) {
		c.guest, err = collectCart(rows)
		return err
	})
}

// queueMerge joins the anonymous cart with the customer's, empties and closes it, so that nothing
// is put in it any more. Without an anonymous cart it changes nothing.
func (c *bothCarts) queueMerge(b *pgx.Batch, from cart.From) cart.Merged {
	merged := cart.Merged{Cart: c.own}
	if c.guest.ID == 0 {
		return merged
	}
	if len(c.guest.Lines)+len(c.guest.Saved) > 0 {
		merged = cart.Merge(c.guest, c.own, from)
		queueCart(b, merged.Cart)
	}
	b.Queue(closeCart, c.guest.ID)
	return merged
}
