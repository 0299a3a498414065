package pg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/dev/process"
)

// pooler is the PgBouncer beside a Node. It ends and starts with the server: a primary that comes
// back as a standby must not be behind connections that found a primary.
type pooler struct {
	program, config, port string // program "": none
	process               *process.Process
}

// Pool starts a PgBouncer beside n, which must be running and have the role, by a configuration
// file that includes place.ini and takes roles and their secrets from users.txt. It lets the role
// in by the role's password, and returns the host:port it listens on.
func (n *Node) Pool(ctx context.Context, config, role string) (place string, err error) {
	if n.pooler.program, err = FindPooler(); err != nil {
		return "", err
	}
	if n.pooler.port, err = process.FreePort(); err != nil {
		return "", err
	}
	n.pooler.config = config
	where := fmt.Sprintf("listen_addr = 127.0.0.1\nlisten_port = %s\nunix_socket_dir =\nlogfile = pooler.log\n"+
		"[databases]\n* = host=127.0.0.1 port=%s\n", n.pooler.port, n.port)
	secret, err := n.secret(ctx, role)
	if err != nil {
		return "", err
	}
	err = errors.Join(n.account.makeDir(n.poolerFile("")), n.account.write(n.poolerFile("place.ini"), where),
		n.account.write(n.poolerFile("users.txt"), fmt.Sprintf("%q %q\n", role, secret)))
	if err != nil {
		return "", err
	}
	return n.poolerPlace(), n.startPooler(ctx)
}

// secret is what the server keeps of a role's password. With the password itself PgBouncer derives
// keys at each connection, to it and from it, 4,096 rounds each; with this it derives none.
func (n *Node) secret(ctx context.Context, role string) (secret string, err error) {
	c, err := pgx.Connect(ctx, n.URL(Owner, "postgres"))
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	err = c.QueryRow(ctx, "SELECT rolpassword FROM pg_authid WHERE rolname = $1", role).Scan(&secret)
	if err != nil {
		return "", fmt.Errorf("read the secret of role %s: %w", role, err)
	}
	return secret, nil
}

func (n *Node) poolerPlace() string { return net.JoinHostPort("127.0.0.1", n.pooler.port) }

func (n *Node) poolerFile(name string) string { return filepath.Join(n.dir, "pooler", name) }

func (n *Node) startPooler(ctx context.Context) (err error) {
	if n.pooler.program == "" {
		return nil
	}
	cmd := exec.Command(n.pooler.program, "-q", n.pooler.config)
	cmd.Dir = n.poolerFile("")
	if n.pooler.process, err = launch(cmd, n.account); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return n.pooler.process.Await(ctx, n.poolerFile("pooler.log"), accepts("tcp", n.poolerPlace()))
}

func (n *Node) stopPooler() { n.pooler.process.End(syscall.SIGKILL) }
