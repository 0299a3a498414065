package pg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/dev/process"
)

// Pool starts a PgBouncer beside n, which must be running and have the role, by a configuration
// file that includes place.ini and takes roles and their secrets from users.txt. It lets the role
// in by the role's password, and returns the host:port it listens on. It ends and starts with the
// server: a primary that comes back as a standby must not be behind connections that found a
// primary.
func (n *Node) Pool(ctx context.Context, config, role string) (place string, err error) {
	port, err := process.FreePort()
	if err != nil {
		return "", err
	}
	secret, err := n.secret(ctx, role)
	if err != nil {
		return "", err
	}
	n.pooler = &bouncer{account: n.account, dir: filepath.Join(n.dir, "pooler"), config: config, network: "tcp",
		place: net.JoinHostPort("127.0.0.1", port)}
	where := fmt.Sprintf("listen_addr = 127.0.0.1\nlisten_port = %s\nunix_socket_dir =\n"+
		"[databases]\n* = host=127.0.0.1 port=%s\n", port, n.port)
	return n.pooler.place, errors.Join(n.account.makeDir(n.pooler.dir),
		n.account.write(filepath.Join(n.pooler.dir, "place.ini"), where),
		n.account.write(filepath.Join(n.pooler.dir, "users.txt"), fmt.Sprintf("%q %q\n", role, secret)),
		n.pooler.start(ctx))
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
