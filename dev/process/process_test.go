package process_test

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/process"
)

func TestAProgramThatIsNotReadyInTimeSaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	asked := false
	log := filepath.Join(t.TempDir(), "log")
	_, err := process.Serve(ctx, exec.Command("sleep", "60"), nil, log, func(ctx context.Context) error {
		if asked { // an answer that never comes
			<-ctx.Done()
			return ctx.Err()
		}
		asked = true
		return errors.New("database: away")
	})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "database: away") {
		t.Errorf("got %v, want the last reason from before the time was over", err)
	}
}
