package pg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/dev/process"
)

// Owner is the superuser of a Node.
const Owner = "owner"

// Node is a PostgreSQL as people run one in production: durable, over TCP with a password, alone or
// as one of a primary and its standbys. It is for rehearsing failover and restore. Like a Server it
// ends with this process.
type Node struct {
	// Settings are lines of postgresql.conf, such as "archive_mode=on", which Start adds.
	Settings []string

	dir, port, password string
	binaries            Binaries
	account             *account
	process             *process.Process
	pooler              *bouncer // nil: none
}

// NewNode makes a database cluster in dir, which it makes, and does not start it. As root, the
// account that runs it must be able to reach dir.
func NewNode(ctx context.Context, dir string) (*Node, error) {
	n, err := newNode(dir, rand.Text())
	if err != nil {
		return nil, err
	}
	words := filepath.Join(n.dir, "password")
	if err := n.account.write(words, n.password); err != nil {
		return nil, err
	}
	defer os.Remove(words)
	return n, n.Run(ctx, "initdb", "-D", n.Data(), "-U", Owner, "-E", "UTF8", "--auth=scram-sha-256", "--pwfile", words,
		"--no-instructions", "--no-sync")
}

func newNode(dir, password string) (*Node, error) {
	binaries, err := FindBinaries()
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	if err := MakeReachable(filepath.Dir(dir)); err != nil {
		return nil, err
	}
	if err := account.makeDir(dir); err != nil {
		return nil, err
	}
	port, err := process.FreePort()
	return &Node{dir: dir, port: port, password: password, binaries: binaries, account: account}, err
}

// Standby copies n, which must be running, to dir as a standby of n, and does not start the copy.
func (n *Node) Standby(ctx context.Context, dir string) (*Node, error) {
	s, err := newNode(dir, n.password)
	if err != nil {
		return nil, err
	}
	return s, errors.Join(s.Run(ctx, "pg_basebackup", "-d", n.keywords("postgres"), "-D", s.Data(), "-c", "fast", "-X",
		"stream"), s.Follow(n))
}

// Follow makes n, which must not be running, start as a standby of primary.
func (n *Node) Follow(primary *Node) error {
	return errors.Join(n.account.write(filepath.Join(n.Data(), "standby.signal"), ""),
		n.Set("primary_conninfo = '"+strings.ReplaceAll(primary.keywords("postgres"), "'", "''")+"'"))
}

// Rewind makes n, an old primary that is not running, a standby of the new one: what n has beyond
// the moment where the two parted is lost. It needs wal_log_hints=on, from the first start on.
func (n *Node) Rewind(ctx context.Context, primary *Node) error {
	return errors.Join(n.Run(ctx, "pg_rewind", "-D", n.Data(), "--source-server", primary.keywords("postgres")),
		n.Follow(primary))
}

// Set adds a line to the settings that n keeps. It counts from the next start or reload on.
func (n *Node) Set(line string) error {
	f, err := os.OpenFile(filepath.Join(n.Data(), "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("change PostgreSQL's settings: %w", err)
	}
	_, err = fmt.Fprintln(f, line)
	return errors.Join(err, f.Close())
}

// Start starts the server and returns once it takes connections.
func (n *Node) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	flags := []string{"-D", n.Data(), "-c", "listen_addresses=127.0.0.1", "-c", "port=" + n.port, "-c",
		"unix_socket_directories=", "-c", "max_connections=200"}
	for _, s := range n.Settings {
		flags = append(flags, "-c", s)
	}
	cmd := exec.Command(n.binaries.path("postgres"), flags...)
	cmd.Dir = n.dir
	var err error
	n.process, err = launch(ctx, cmd, n.account, filepath.Join(n.dir, "server.log"),
		func(ctx context.Context) error { return n.Exec(ctx, "SELECT") })
	if err != nil || n.pooler == nil {
		return err
	}
	return n.pooler.start(ctx)
}

// Crash ends the server immediately, as a power cut does: it finishes and writes nothing.
func (n *Node) Crash() { n.end(syscall.SIGQUIT) }

// Stop ends the server in good order, rolling open transactions back.
func (n *Node) Stop() { n.end(syscall.SIGINT) }

func (n *Node) end(sig syscall.Signal) {
	if n.pooler != nil {
		n.pooler.process.End(syscall.SIGKILL)
	}
	n.process.End(sig)
}

// Promote makes a standby the primary.
func (n *Node) Promote(ctx context.Context) error { return n.Exec(ctx, "SELECT pg_promote(true, 60)") }

// Exec runs a statement as the owner of everything.
func (n *Node) Exec(ctx context.Context, sql string) error { return n.ExecIn(ctx, "postgres", sql) }

// ExecIn runs statements in database db as the owner of everything; one alone may have arguments.
func (n *Node) ExecIn(ctx context.Context, db, sql string, args ...any) error {
	c, err := pgx.Connect(ctx, n.URL(Owner, db))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, sql, args...)
	return err
}

// Run runs a program of PostgreSQL's as the account of the server; what it prints becomes part of
// the error.
func (n *Node) Run(ctx context.Context, program string, args ...string) error {
	cmd := exec.Command(n.binaries.path(program), args...)
	cmd.Dir, cmd.Env = n.dir, childEnvironment(os.Environ())
	return process.Run(ctx, cmd, n.account.credential())
}

// Data returns the data directory.
func (n *Node) Data() string { return filepath.Join(n.dir, "data") }

// Dir returns the directory that belongs to the server's account.
func (n *Node) Dir() string { return n.dir }

// Place returns the server's host:port.
func (n *Node) Place() string { return net.JoinHostPort("127.0.0.1", n.port) }

// Password returns the owner's.
func (n *Node) Password() string { return n.password }

// URL returns the address of database db for a role that has the owner's password.
func (n *Node) URL(role, db string) string {
	return (&url.URL{Scheme: "postgres", User: url.UserPassword(role, n.password), Host: n.Place(), Path: "/" + db,
		RawQuery: "sslmode=disable"}).String()
}

func (n *Node) keywords(db string) string {
	return fmt.Sprintf("host=127.0.0.1 port=%s user=%s password=%s dbname=%s", n.port, Owner, n.password, db)
}

// write makes a file that belongs to a.
func (a *account) write(file, text string) error {
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil || a == nil {
		return err
	}
	return os.Chown(file, int(a.uid), int(a.gid))
}
