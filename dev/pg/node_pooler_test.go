package pg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// pooled starts a node with a pooler and returns the address of a database behind it.
func pooled(t *testing.T) (n *Node, address string) {
	t.Helper()
	ctx := t.Context()
	n, err := NewNode(ctx, filepath.Join(newDir(t), "node"))
	must(t, err)
	must(t, n.Start(ctx))
	t.Cleanup(n.Crash)
	config, err := filepath.Abs("../../deploy/scale/pgbouncer.ini")
	must(t, err)
	place, err := n.Pool(ctx, config, Owner)
	must(t, err)
	return n, "postgres://" + Owner + ":" + n.Password() + "@" + place + "/postgres?sslmode=disable&" +
		"default_query_exec_mode=simple_protocol"
}

// A primary that comes back may be a standby: no connection that found the primary may lead there.
func TestThePoolerBesideANodeEndsWithIt(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	n, address := pooled(t)
	before, err := pgx.Connect(ctx, address)
	must(t, err)
	defer before.Close(ctx)
	n.Stop()
	must(t, n.Start(ctx))
	if err := before.Ping(ctx); err == nil {
		t.Error("a connection from before the restart still leads to the server")
	}
	after, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatalf("after the restart: %v", err)
	}
	defer after.Close(ctx)
	if err := after.Ping(ctx); err != nil {
		t.Error(err)
	}
}

// A pooler with one thread that derives keys from a password at each connection answers nobody
// while many connect at once.
func TestThePoolerBesideANodeKnowsNoPasswordAndChecksIt(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	n, address := pooled(t)
	users, err := os.ReadFile(filepath.Join(n.pooler.dir, "users.txt"))
	must(t, err)
	if strings.Contains(string(users), n.Password()) {
		t.Error("users.txt holds the password itself, want what the server keeps of it")
	}
	c, err := pgx.Connect(ctx, address)
	must(t, err)
	defer c.Close(ctx)
	if err := c.Ping(ctx); err != nil {
		t.Errorf("with the password: %v, want an answer of the server", err)
	}
	if _, err := pgx.Connect(ctx, strings.Replace(address, n.Password(), "wrong", 1)); err == nil {
		t.Error("a wrong password is let in")
	}
}
