package memory_test

import (
	"testing"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/session/memory"
)

func TestAnAttemptIsUsedOnceUntilItHasExpired(t *testing.T) { // ASVS 10.1.2, 15.4.2
	t.Parallel()
	now := time.Now()
	store := memory.New(func() time.Time { return now })
	var used auth.UsedAttempts = store
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {0, false}, {59 * time.Second, false}, {time.Second, true}} {
		now = now.Add(c.after)
		store.Sweep(func(string, session.Reason) {})
		if first, err := used.UseAttempt(t.Context(), [32]byte{1}, time.Minute); err != nil || first != c.want {
			t.Errorf("%s later: got first %v, %v, want %v", c.after, first, err, c.want)
		}
	}
	if first, err := used.UseAttempt(t.Context(), [32]byte{2}, time.Minute); err != nil || !first {
		t.Errorf("another attempt: got first %v, %v, want true", first, err)
	}
}
