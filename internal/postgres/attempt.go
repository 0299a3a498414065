package postgres

import (
	"context"
	"fmt"
	"time"
)

// UseAttempt records the callback of a sign-in attempt before its code is exchanged.
// First is false when it had come before. The row is kept for expires, after which the attempt
// itself is too old to be taken. (OIDC Core 3.1.2.7, ASVS 10.1.2, 15.4.2)
func (s *Store) UseAttempt(ctx context.Context, stateHash [32]byte, expires time.Duration) (first bool, err error) {
	done, err := s.pool.Exec(ctx, `INSERT INTO used_attempts (state_hash, expires) VALUES ($1, statement_timestamp() +
		$2) ON CONFLICT DO NOTHING`, stateHash[:], expires)
	if err != nil {
		return false, fmt.Errorf("use attempt: %w", err)
	}
	return done.RowsAffected() == 1, nil
}
