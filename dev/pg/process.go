package pg

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// process is a child that ends when this process ends.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; read only after done
}

// launch starts cmd as who, in a separate process group, so that the terminal's Ctrl-C reaches only
// us.
func launch(cmd *exec.Cmd, who *account) (*process, error) {
	cmd.Env = childEnvironment(os.Environ())
	cmd.SysProcAttr = childAttributes(who)
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The parent-death signal is sent when the thread that started the child ends, not the process.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, launchError(cmd, who, err)
	}
	return p, nil
}

func launchError(cmd *exec.Cmd, who *account, err error) error {
	if who != nil && os.IsPermission(err) {
		return fmt.Errorf("start %s as %s, because PostgreSQL does not run as root: %w (run this as a normal user)", cmd.Path,
			who.name, err)
	}
	return fmt.Errorf("start %s: %w", cmd.Path, err)
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
