package process_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"hookandtag.example/shop/dev/process"
)

func TestAProgramThatIsNotReadyInTimeSaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	p, err := process.Start(exec.Command("sleep", "60"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.End(syscall.SIGKILL) })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	asked := false
	err = p.Await(ctx, "", func(ctx context.Context) error {
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
