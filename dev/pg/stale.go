package pg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"hookandtag.example/shop/dev/process"
)

// clearStale removes what an earlier server left behind. We own the directory, so a server still
// running on it is an orphan and is stopped; and a process id that now belongs to something else
// must not keep PostgreSQL from starting. The file of a dead process stays: PostgreSQL itself reads
// from it whether the shared memory is free.
func (s *Server) clearStale(ctx context.Context) error {
	stale, ok := readPIDFile(s.data())
	if !ok {
		return nil
	}
	if strings.HasPrefix(filepath.Base(stale.socket), socketPrefix) {
		_ = os.RemoveAll(stale.socket)
	}
	if isServerOf(stale.pid, s.data()) {
		s.log.Info("stopping a PostgreSQL left over from an earlier run", "pid", stale.pid)
		return s.stopOrphan(ctx, stale.pid)
	}
	if !exists(stale.pid) {
		return nil
	}
	if err := os.Remove(filepath.Join(s.data(), "postmaster.pid")); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("remove a stale process id file: %w", err)
	}
	return nil
}

// stopOrphan stops the server with process id pid, which is not our child, the gentle way first.
func (s *Server) stopOrphan(ctx context.Context, pid int) error {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		_ = syscall.Kill(pid, sig)
		waiting, cancel := context.WithTimeout(ctx, 5*time.Second)
		for waiting.Err() == nil && isServerOf(pid, s.data()) {
			process.Sleep(waiting, poll)
		}
		cancel()
		if !isServerOf(pid, s.data()) {
			return nil
		}
	}
	return fmt.Errorf("the PostgreSQL with process id %d, left over from an earlier run, could not be stopped", pid)
}

// exists reports whether any process has the id pid, also one that is not ours to signal.
func exists(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }
