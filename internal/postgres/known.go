package postgres

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoSession says that no session has that handle, not even one that ended in the last 24 hours.
var ErrNoSession = errors.New("there is no session of that handle: shop sessions list --ended names them")

// CheckTarget returns ErrNoSession or ErrNoCustomer where t names what does not exist.
func (s *Store) CheckTarget(ctx context.Context, t SessionTarget) error {
	var session, customer bool
	err := s.pool.QueryRow(ctx, `
		SELECT $1 = '' OR EXISTS (SELECT FROM sessions WHERE handle = $1), $2 = 0 OR EXISTS (SELECT FROM customers
		    WHERE id = $2)`,
		t.Handle, t.CustomerID).Scan(&session, &customer)
	switch {
	case err != nil:
		return fmt.Errorf("look for sessions: %w", err)
	case !session:
		return ErrNoSession
	case !customer:
		return ErrNoCustomer
	}
	return nil
}
