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

// bouncer is a PgBouncer: how it is started, and the process while it runs.
type bouncer struct {
	account        *account
	dir            string // its working directory, which has its log
	config         string // the file
	network, place string // where the configuration lets it listen
	process        *process.Process
}

// start returns once connections are taken: a socket takes them a moment after it is there.
func (b *bouncer) start(ctx context.Context) error {
	program, err := process.Find("pgbouncer", "pgbouncer")
	if err != nil {
		return err
	}
	cmd := exec.Command(program, b.config)
	cmd.Dir = b.dir
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	b.process, err = launch(ctx, cmd, b.account, filepath.Join(b.dir, "pooler.log"), func(context.Context) error {
		c, err := net.Dial(b.network, b.place)
		if err != nil {
			return err
		}
		return c.Close()
	})
	return err
}

// Pooler is a running PgBouncer beside a Server.
type Pooler struct {
	bouncer
	parent string // of its directories, removed by Stop
}

// StartPooler starts a PgBouncer before the server that address, a URL from Server.URL, leads to,
// and returns once it takes connections. It is reached over a Unix socket and trusts everyone who
// reaches that. Settings are lines of its section [pgbouncer], such as "pool_mode = transaction".
// Like a server it ends with this process.
func StartPooler(ctx context.Context, address string, settings ...string) (*Pooler, error) {
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	parent, err := TempDir("", socketPrefix)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(parent, "run")
	p := &Pooler{parent: parent, bouncer: bouncer{account: account, dir: dir, network: "unix",
		place: filepath.Join(dir, ".s.PGSQL."+socketPort)}}
	if err = account.makeDir(dir); err == nil {
		err = p.configure(address, settings)
	}
	if err == nil {
		err = p.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

// configure writes PgBouncer's files.
func (p *Pooler) configure(address string, settings []string) error {
	server, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("read the server's address: %w", err)
	}
	users := filepath.Join(p.parent, "users.txt")
	lines := []string{
		"[databases]", "* = host=" + server.Query().Get("host") + " port=" + server.Query().Get("port"),
		"[pgbouncer]", "listen_port = " + socketPort, "unix_socket_dir = " + p.dir, "auth_type = trust",
		"auth_file = " + users,
	}
	p.config = filepath.Join(p.parent, "pgbouncer.ini")
	return errors.Join(
		os.WriteFile(users, []byte(`"`+Role+`" ""`+"\n"), 0o644),
		os.WriteFile(p.config, []byte(strings.Join(append(lines, settings...), "\n")+"\n"), 0o644),
	)
}

// URL returns the address of database db behind the pooler.
func (p *Pooler) URL(db string) string { return socketURL(p.dir, db) }

// Stop ends the pooler, cuts its connections and removes its files.
func (p *Pooler) Stop() error {
	p.process.End(syscall.SIGTERM) // SIGINT would wait for clients
	return os.RemoveAll(p.parent)
}
