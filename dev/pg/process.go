package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"hookandtag.example/shop/dev/process"
)

// launch starts a program of PostgreSQL's as who and returns once it is ready.
func launch(ctx context.Context, cmd *exec.Cmd, who *account, log string,
	ready func(context.Context) error) (*process.Process, error) {
	cmd.Env = childEnvironment(os.Environ())
	p, err := process.Serve(ctx, cmd, who.credential(), log, ready)
	if who != nil && errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("%w, as %s, because root runs no PostgreSQL (run this as a normal user)", err, who.name)
	}
	return p, err
}

// childEnvironment is env without what would change PostgreSQL's manners, and with messages in
// English.
func childEnvironment(env []string) []string {
	child := []string{"LC_ALL=C"}
	for _, setting := range env {
		if !strings.HasPrefix(setting, "PG") && !strings.HasPrefix(setting, "LC_") && !strings.HasPrefix(setting, "LANG") {
			child = append(child, setting)
		}
	}
	return child
}
