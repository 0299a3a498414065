package pg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"hookandtag.example/shop/dev/process"
)

// ErrNoPooler is what StartPooler returns where PgBouncer is not installed; its text is one
// sentence for people.
var ErrNoPooler = errors.New("PgBouncer was not found: install it (Debian: `apt-get install pgbouncer`)")

// Pooler is a running PgBouncer.
type Pooler struct {
	process *process.Process
	dir     string // removed by Stop
	socket  string
}

// FindPooler returns the path of PgBouncer's program, or ErrNoPooler.
func FindPooler() (string, error) {
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoPooler
}

// StartPooler starts a PgBouncer before the server that address, a URL from Server.URL, leads to,
// and returns once it takes connections. It is reached over a Unix socket and trusts everyone who
// reaches that. Settings are lines of its section [pgbouncer], such as "pool_mode = transaction".
// Like a server it ends with this process.
func StartPooler(ctx context.Context, address string, settings ...string) (_ *Pooler, err error) {
	program, err := FindPooler()
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	p := &Pooler{}
	if p.dir, err = os.MkdirTemp(os.TempDir(), socketPrefix); err != nil {
		return nil, fmt.Errorf("make PgBouncer's directory: %w", err)
	}
	defer func() {
		if err != nil {
			_ = p.Stop()
		}
	}()
	// MkdirTemp's 0700 would keep the pooler's own account out.
	if err := os.Chmod(p.dir, 0o711); err != nil {
		return nil, fmt.Errorf("make PgBouncer's directory: %w", err)
	}
	p.socket = filepath.Join(p.dir, "run")
	if err := account.makeDir(p.socket); err != nil {
		return nil, err
	}
	config, err := p.configure(address, settings)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "-q", config)
	cmd.Dir = p.socket
	if p.process, err = launch(cmd, account); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return p, p.process.Await(ctx, p.logFile(), accepts("unix", filepath.Join(p.socket, ".s.PGSQL."+socketPort)))
}

// configure writes PgBouncer's files and returns the path of the first.
func (p *Pooler) configure(address string, settings []string) (string, error) {
	server, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("read the server's address: %w", err)
	}
	users := filepath.Join(p.dir, "users.txt")
	lines := []string{
		"[databases]", "* = host=" + server.Query().Get("host") + " port=" + server.Query().Get("port"),
		"[pgbouncer]", "listen_port = " + socketPort, "unix_socket_dir = " + p.socket, "auth_type = trust", "auth_file = " +
			users,
		"logfile = " + p.logFile(),
	}
	config := filepath.Join(p.dir, "pgbouncer.ini")
	return config, errors.Join(
		os.WriteFile(users, []byte(`"`+Role+`" ""`+"\n"), 0o644),
		os.WriteFile(config, []byte(strings.Join(append(lines, settings...), "\n")+"\n"), 0o644),
	)
}

// accepts fails until an address takes connections, which a socket does a moment after it is there.
func accepts(network, address string) func(context.Context) error {
	return func(context.Context) error {
		c, err := net.Dial(network, address)
		if err != nil {
			return err
		}
		return c.Close()
	}
}

// URL returns the address of database db behind the pooler.
func (p *Pooler) URL(db string) string { return socketURL(p.socket, db) }

// Stop ends the pooler, cuts its connections and removes its files.
func (p *Pooler) Stop() error {
	p.process.End(syscall.SIGTERM) // at once; SIGINT would wait for clients
	return os.RemoveAll(p.dir)
}

func (p *Pooler) logFile() string { return filepath.Join(p.socket, "pgbouncer.log") }
