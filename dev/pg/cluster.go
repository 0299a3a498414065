package pg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"hookandtag.example/shop/dev/process"
)

// hasCluster reports whether home holds a finished database cluster.
func hasCluster(home string) bool {
	_, err := os.Stat(filepath.Join(home, "data", "PG_VERSION"))
	return err == nil
}

// ensureCluster makes the database cluster if it is missing. It is made under another name and
// renamed when it is whole, so a start that was cut short leaves nothing that looks finished.
func (s *Server) ensureCluster(ctx context.Context) error {
	if hasCluster(s.home()) {
		return nil
	}
	s.log.Info("making a PostgreSQL database", "version", s.binaries.Major, "dir", s.home())
	unfinished := s.data() + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("clear an unfinished database cluster: %w", err)
	}
	initdb := exec.Command(s.binaries.path("initdb"), append(s.initdbFlags(), "-D", unfinished)...)
	if err := s.run(ctx, initdb); err != nil {
		return fmt.Errorf("make a database cluster: %w", err)
	}
	if !s.forTests {
		single := exec.Command(s.binaries.path("postgres"), "--single", "-D", unfinished, "postgres")
		single.Stdin = strings.NewReader("create database " + Database + "\n")
		if err := s.run(ctx, single); err != nil {
			return fmt.Errorf("create the database: %w", err)
		}
	}
	if err := os.Rename(unfinished, s.data()); err != nil {
		return fmt.Errorf("finish the database cluster: %w", err)
	}
	return nil
}

func (s *Server) initdbFlags() []string {
	flags := []string{"-U", Role, "-E", "UTF8", "--auth-local=trust", "--auth-host=reject", "--no-sync",
		"--no-instructions"}
	if s.forTests {
		flags = append(flags, "--wal-segsize=1")
	}
	switch {
	case s.binaries.Major >= 17:
		return append(flags, "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
	case runtime.GOOS == "linux":
		return append(flags, "--locale=C.UTF-8")
	}
	return append(flags, "--locale=C")
}

// run runs a short-lived program of PostgreSQL's; what it printed becomes part of the error.
func (s *Server) run(ctx context.Context, cmd *exec.Cmd) error {
	cmd.Dir, cmd.Env = s.home(), childEnvironment(os.Environ())
	return process.Run(ctx, cmd, s.account.credential())
}
