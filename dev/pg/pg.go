// Package pg runs a private PostgreSQL as a child process, for development and for tests: no
// container, no port, no password. The server is reached over a Unix socket only its owner can
// open, and ends when the program that started it ends, however that happens.
package pg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"hookandtag.example/shop/dev/process"
)

// Role is the one database role, a superuser of its private server.
const Role = "shop"

// Database is the database a server for development holds from its first start. A server for tests
// lacks it.
const Database = "shop"

const startLimit = 2 * time.Minute // crash recovery on a slow disk included

// Options say where a server keeps its data and what it is for.
type Options struct {
	// Dir holds the data directory, the socket and the log; it is made when missing and is one
	// server's at a time. As root, the account that runs the server must be able to reach it.
	Dir string
	// ForTests trades durability for speed: after a crash the data may be gone.
	ForTests bool
	// Settings of PostgreSQL, as in shared_buffers=1GB, in place of ours.
	Settings []string
	// Note describes this server to a second Start on Dir, for example by an address.
	Note string
	// Log gets a line for what takes long or is out of the ordinary; nil means silence.
	Log *slog.Logger
}

// Server is a running PostgreSQL.
type Server struct {
	binaries Binaries
	account  *account
	dir      string // Options.Dir, absolute and without symbolic links
	socket   string // the directory that holds the socket
	forTests bool
	settings []string // Options.Settings
	log      *slog.Logger
	claim    *os.File

	starting sync.Mutex // held while a process is started or stopped
	stopped  bool
	mu       sync.Mutex // guards process
	process  *process.Process
}

// Start starts the server of o.Dir, making its database cluster first if it is missing, and returns
// once it takes queries. It returns a *BusyError when a living process already owns o.Dir, and
// ErrNotFound when no PostgreSQL is installed. The cluster stands below a directory named after
// PostgreSQL's major version, so a newer PostgreSQL never meets an older one's files, and nothing
// is ever deleted for that reason.
func Start(ctx context.Context, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	s, err := prepare(o)
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

// prepare decides everything that can be decided before the directory is touched, and claims it.
func prepare(o Options) (*Server, error) {
	dir, err := realDir(o.Dir)
	if err != nil {
		return nil, err
	}
	binaries, err := binariesFor(dir)
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	if err := account.mayReach(dir); err != nil {
		return nil, err
	}
	claim, err := claimDir(dir, o.Note)
	if err != nil {
		return nil, err
	}
	return &Server{binaries: binaries, account: account, dir: dir, forTests: o.ForTests,
		settings: o.Settings, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler)), claim: claim}, nil
}

// realDir makes dir and returns its one true path, which is what the kernel reports for the
// processes inside it.
func realDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no directory given for PostgreSQL's data")
	}
	if err := MakeReachable(dir); err != nil {
		return "", fmt.Errorf("make PostgreSQL's directory: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find PostgreSQL's directory: %w", err)
	}
	return filepath.EvalSymlinks(dir)
}

func (s *Server) start(ctx context.Context) error {
	if err := s.account.makeDir(s.home()); err != nil {
		return err
	}
	if err := s.ensureCluster(ctx); err != nil {
		return err
	}
	if err := s.clearStale(ctx); err != nil {
		return err
	}
	if err := s.makeSocketDir(); err != nil {
		return err
	}
	return s.startServer(ctx)
}

// URL returns the address of database db in the form that pgx, goose and psql take.
func (s *Server) URL(db string) string { return socketURL(s.socket, db) }

func socketURL(socket, db string) string {
	query := url.Values{"host": {socket}, "port": {socketPort}}.Encode()
	query = strings.ReplaceAll(query, "+", "%20") // PostgreSQL's clients take a + as it is
	return (&url.URL{Scheme: "postgres", User: url.User(Role), Path: "/" + db, RawQuery: query}).String()
}

// Major returns PostgreSQL's major version.
func (s *Server) Major() int { return s.binaries.Major }

// LogFile returns the file the server writes its messages to; the file before the last start has
// ".old" added.
func (s *Server) LogFile() string { return filepath.Join(s.home(), "server.log") }

// Done is closed when the server has ended, by Stop or by itself. Keep starts another one, which
// has its own.
func (s *Server) Done() <-chan struct{} { return s.running().Done() }

func (s *Server) running() *process.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// Stop ends the server and gives its directory free. Open transactions are rolled back; what was
// committed is kept. When ctx ends first, the server is stopped the hard way, Stop says so, and the
// next start recovers.
func (s *Server) Stop(ctx context.Context) error {
	s.starting.Lock()
	defer s.starting.Unlock()
	s.stopped = true
	defer s.release()
	if s.signal(ctx, syscall.SIGINT) {
		return nil
	}
	hurry, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if !s.signal(hurry, syscall.SIGQUIT) {
		s.running().End(syscall.SIGKILL)
	}
	return fmt.Errorf("stop PostgreSQL in good order: %w", ctx.Err())
}

// signal sends sig and reports whether the server ended before ctx did.
func (s *Server) signal(ctx context.Context, sig syscall.Signal) bool {
	s.running().Signal(sig)
	select {
	case <-s.Done():
		return true
	case <-ctx.Done():
		return false
	}
}

// release removes the socket and gives the directory free for the next owner.
func (s *Server) release() {
	if s.socket != "" {
		_ = os.RemoveAll(s.socket)
	}
	_ = s.claim.Close()
}

func (s *Server) home() string { return homeOf(s.dir, s.binaries.Major) }
func (s *Server) data() string { return filepath.Join(s.home(), "data") }

func homeOf(dir string, major int) string { return filepath.Join(dir, strconv.Itoa(major)) }

// PID returns the process id of the server.
func (s *Server) PID() int { return s.running().PID }
