package app

import (
	"errors"
	"fmt"
	"testing"

	"hookandtag.example/shop/internal/auth"
)

// An alert watches "unavailable": what the customer or the provider decided must not be in it.
func TestEachEndOfASignInIsCountedAsWhatItWas(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		nil: "proved", auth.ErrCancelled: "cancelled", auth.ErrNotAdmitted: "not admitted", auth.ErrExpired: "expired",
		auth.ErrNoAttempt: "no attempt", auth.ErrUnavailable: "unavailable", errors.New("anything else"): "unavailable",
		&auth.Refused{Check: "nonce"}: "refused nonce", auth.ErrRepeated{}: "repeated",
	} {
		wrapped := err
		if err != nil {
			wrapped = fmt.Errorf("finish: %w", err)
		}
		if got := resultOf(wrapped); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
