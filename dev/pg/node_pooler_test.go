package pg

import (
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A primary that comes back may be a standby: no connection that found the primary may lead there.
func TestThePoolerBesideANodeEndsWithIt(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	n, err := NewNode(ctx, filepath.Join(newDir(t), "node"))
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Crash)
	config, err := filepath.Abs("../../deploy/scale/pgbouncer.ini")
	if err != nil {
		t.Fatal(err)
	}
	place, err := n.Pool(ctx, config, Owner)
	if err != nil {
		t.Fatal(err)
	}
	address := "postgres://" + Owner + ":" + n.Password() + "@" + place + "/postgres?sslmode=disable&" +
		"default_query_exec_mode=simple_protocol"
	before, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close(ctx)
	n.Stop()
	if err := n.Start(ctx); err != nil {
		t.Fatal(err)
	}
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
