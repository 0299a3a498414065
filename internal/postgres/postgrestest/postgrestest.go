// Package postgrestest gives each test a migrated PostgreSQL database.
//
// A package that uses it starts its tests with
//
//	func TestMain(m *testing.M) { postgrestest.Main(m) }
//
// The databases live on a private server started for the test binary, or on the one SHOP_TEST_DSN
// names, which `go run ./cmd/dev test` starts once for all packages. Without PostgreSQL the test
// fails and says what to install.
package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/pg"
	"hookandtag.example/shop/migrations"
)

// poolSize is small, so that code which needs two connections at once to make progress shows.
const poolSize = 4

// Main runs the tests of m and stops the server they used; their result becomes the exit code.
func Main(m *testing.M) {
	defer stopCluster()
	m.Run()
}

// New returns a pool of at most 4 connections to a migrated database without rows. Both go
// when the test ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, URL(t))
}

// URL returns the address of a migrated database without rows, for tests that connect in
// their own way. The database goes when the test ends, and with it every connection that is still
// open.
func URL(t testing.TB) string {
	t.Helper()
	return create(t, "TEMPLATE "+templateOf(t))
}

// Empty is URL for a database without any table.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, "TEMPLATE template0")
}

// Alone is URL on a server that holds no other database and does nothing unasked, for tests that
// count what the whole server does.
func Alone(t testing.TB) string {
	t.Helper()
	server, err := pg.StartTemporary(t.Context(), nil)
	if err != nil {
		t.Fatalf("start a test server: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	address := server.URL("postgres")
	if err := migrate(t.Context(), address, migrations.FS); err != nil {
		t.Fatalf("migrate the test server: %v", err)
	}
	if err := quiet(t.Context(), address); err != nil {
		t.Fatalf("turn autovacuum off: %v", err)
	}
	return address
}

func templateOf(t testing.TB) string {
	t.Helper()
	c, err := sharedCluster()
	if err != nil {
		t.Fatal(err)
	}
	name, err := c.template()
	if err != nil {
		t.Fatalf("make the template database: %v", err)
	}
	return name
}

var created atomic.Int64

// create makes a database, distinct also from those of other test binaries on the same server.
func create(t testing.TB, from string) string {
	t.Helper()
	c, err := sharedCluster()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), created.Add(1))
	// Copying the template's files is quicker than writing them through the log, for so small a
	// database.
	if _, err := c.admin.Exec(t.Context(), "CREATE DATABASE "+name+" "+from+" STRATEGY FILE_COPY"); err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	t.Cleanup(func() { drop(t, c, name) })
	return withDatabase(c.url, name)
}

func drop(t testing.TB, c *cluster, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := c.admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
		t.Errorf("drop the test database: %v", err)
	}
}

func open(t testing.TB, address string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		t.Fatalf("read the test database's address: %v", err)
	}
	config.MaxConns = poolSize
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// withDatabase returns address, which is a URL, with another database in it.
func withDatabase(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Path = "/" + name
	return u.String()
}
