package pg

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
)

// newDir is a directory that the server's account may reach.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := TempDir("", "hookandtag-node-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestAStandbyGoesOnWhereItsPrimaryEnded(t *testing.T) {
	t.Parallel()
	dir, ctx := newDir(t), t.Context()
	primary, err := NewNode(ctx, filepath.Join(dir, "a"))
	must(t, err)
	must(t, primary.Start(ctx))
	t.Cleanup(primary.Stop)
	standby, err := primary.Standby(ctx, filepath.Join(dir, "b"))
	must(t, err)
	must(t, standby.Start(ctx))
	t.Cleanup(standby.Stop)
	must(t, primary.Exec(ctx, "ALTER SYSTEM SET synchronous_standby_names = '*'"))
	must(t, primary.Exec(ctx, "SELECT pg_reload_conf()"))
	must(t, primary.Exec(ctx, "CREATE TABLE kept ()"))
	if err := standby.Exec(ctx, "CREATE TABLE refused ()"); err == nil {
		t.Error("a standby takes changes")
	}
	primary.Crash()
	must(t, standby.Promote(ctx))
	must(t, standby.Exec(ctx, "DROP TABLE kept"))
	must(t, primary.Follow(standby))
	must(t, primary.Start(ctx))
	c, err := pgx.Connect(ctx, primary.URL(Owner, "postgres"))
	must(t, err)
	defer c.Close(ctx)
	var standingBy bool
	must(t, c.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&standingBy))
	if !standingBy {
		t.Error("the old primary came back as a second one")
	}
}
