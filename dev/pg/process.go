package pg

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"hookandtag.example/shop/dev/process"
)

// launch starts a program of PostgreSQL's as who.
func launch(cmd *exec.Cmd, who *account) (*process.Process, error) {
	cmd.Env = childEnvironment(os.Environ())
	p, err := process.Start(cmd, who.credential())
	if who != nil && os.IsPermission(err) {
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
