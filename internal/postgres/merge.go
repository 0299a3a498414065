package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/cart"
)

// mergeCarts joins an anonymous cart with the customer's, inside the transaction of a sign-in. The
// customer's is made if needed and locked first; the anonymous one is emptied and closed,
// so that nothing is put in it any more. A guestCartID that is 0, closed or not anonymous merges
// nothing, and nothing is changed then.
func mergeCarts(ctx context.Context, tx pgx.Tx, guestCartID, customerID int64, intent cart.Intent) (cart.Merged,
	error) {
	if guestCartID == 0 {
		return cart.Merged{}, nil
	}
	own, guest, err := lockBothCarts(ctx, tx, guestCartID, customerID)
	if err != nil {
		return cart.Merged{}, fmt.Errorf("merge carts: %w", err)
	}
	if guest.ID == 0 {
		return cart.Merged{Cart: own}, nil
	}
	merged := cart.Merged{Cart: own}
	if len(guest.Lines)+len(guest.Saved) > 0 {
		merged = cart.Merge(guest, own, intent)
		if err := saveCart(ctx, tx, merged.Cart); err != nil {
			return cart.Merged{}, fmt.Errorf("merge carts: %w", err)
		}
	}
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM cart_lines WHERE cart_id = $1`, guest.ID)
	b.Queue(closeCart, guest.ID)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return cart.Merged{}, fmt.Errorf("close merged cart: %w", err)
	}
	return merged, nil
}

// lockBothCarts reads the carts a merge is about, each locked by a statement before the one that
// reads it.
func lockBothCarts(ctx context.Context, tx pgx.Tx, guestCartID, customerID int64) (own, guest cart.Cart, err error) {
	ownCondition, _ := owned(cart.Owner{CustomerID: customerID})
	guestCondition, _ := owned(cart.Owner{CartID: guestCartID})
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO carts (customer_id) SELECT $1 WHERE NOT EXISTS (SELECT FROM carts WHERE customer_id = $1) ON
		CONFLICT DO NOTHING`, customerID)
	b.Queue(`SELECT FROM carts c WHERE `+ownCondition+` FOR UPDATE`, customerID)
	b.Queue(`SELECT FROM carts c WHERE `+guestCondition+` FOR UPDATE`, guestCartID)
	b.Queue(fmt.Sprintf(selectCart, ownCondition), customerID).Query(func(rows pgx.Rows) (err error) {
		own, err = collectCart(rows)
		return err
	})
	b.Queue(fmt.Sprintf(selectCart, guestCondition), guestCartID).Query(func(rows pgx.Rows) (err error) {
		guest, err = collectCart(rows)
		return err
	})
	return own, guest, tx.SendBatch(ctx, b).Close()
}
