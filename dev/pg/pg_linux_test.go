package pg

import (
	"context"
	"testing"
	"time"
)

// Only Linux signals a child immediately when its parent is gone; elsewhere the next start stops
// it.
func TestKilledOwnerTakesItsServerAlong(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	other := startOwner(t, dir)
	conn := connect(t, other.url)
	must(t, other.cmd.Process.Kill())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	// The wait ends with the connection, and the connection ends with the server.
	_, err := conn.WaitForNotification(ctx)
	if err == nil || ctx.Err() != nil {
		t.Errorf("the server outlived its owner: %v", err)
	}
	start(t, dir) // and the directory is free
}
