package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"hookandtag.example/shop/dev/process"
)

const (
	socketPort   = "5432" // only part of the socket's name: nothing listens on a port
	socketPrefix = "hookandtag-pg-"
	poll         = 3 * time.Millisecond
)

// longestSocket is how many bytes a socket's path may have.
func longestSocket() int {
	if runtime.GOOS == "linux" {
		return 107
	}
	return 103
}

// makeSocketDir makes an empty directory for the socket, in the temporary directory when the path
// would be too long.
func (s *Server) makeSocketDir() error {
	socket := filepath.Join(s.home(), "run")
	if err := os.RemoveAll(socket); err != nil {
		return fmt.Errorf("clear the socket directory: %w", err)
	}
	if len(socket)+len("/.s.PGSQL."+socketPort) > longestSocket() {
		var err error
		if socket, err = os.MkdirTemp(os.TempDir(), socketPrefix); err != nil {
			return fmt.Errorf("make the socket directory: %w", err)
		}
	}
	s.socket = socket
	return s.account.makeDir(socket)
}

// startServer starts the server and waits until it takes queries. Right after a crash the processes
// of the old server may hold its shared memory for a moment longer, which is worth another try.
func (s *Server) startServer(ctx context.Context) error {
	retrying, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		err := s.tryServer(ctx)
		if exit, ok := errors.AsType[*process.ExitError](err); !ok || !strings.Contains(exit.Log, "is still in use") {
			return err
		}
		process.Sleep(retrying, 50*time.Millisecond)
		if retrying.Err() != nil {
			return err
		}
	}
}

func (s *Server) tryServer(ctx context.Context) error {
	_ = os.Rename(s.LogFile(), s.LogFile()+".old")
	cmd := exec.Command(s.binaries.path("postgres"), s.serverFlags()...)
	cmd.Dir = s.home()
	p, err := launch(ctx, cmd, s.account, s.LogFile(), func(context.Context) error {
		if file, ok := readPIDFile(s.data()); !ok || !file.ready || file.pid != cmd.Process.Pid {
			return errors.New("it takes no queries yet")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("start PostgreSQL, whose log is %s: %w", s.LogFile(), err)
	}
	s.mu.Lock()
	s.process = p
	s.mu.Unlock()
	return nil
}

func (s *Server) serverFlags() []string {
	settings := []string{
		"listen_addresses=",
		`unix_socket_directories="` + s.socket + `"`,
		"unix_socket_permissions=0700",
		"port=" + socketPort,
		"shared_buffers=32MB",
		"wal_level=minimal",
		"max_wal_senders=0",
		"max_wal_size=128MB",
		"jit=off",
		"timezone=UTC",
		"log_timezone=UTC",
	}
	if s.forTests {
		settings = append(settings, s.testSettings()...)
	} else {
		settings = append(settings, "max_connections=60")
	}
	flags := []string{"-D", s.data()}
	for _, setting := range append(settings, s.settings...) { // of two that set the same, the last counts
		flags = append(flags, "-c", setting)
	}
	return flags
}

// testSettings leave out what only guards against power cuts, and let the tests of a whole module
// connect at once.
func (s *Server) testSettings() []string {
	settings := []string{"max_connections=400", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
		"autovacuum=off"}
	if s.binaries.hasExtension("pg_stat_statements") {
		settings = append(settings, "shared_preload_libraries=pg_stat_statements")
	}
	return settings
}
