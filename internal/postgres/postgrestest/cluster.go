package postgrestest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // database/sql's driver "pgx", which goose needs
	"github.com/pressly/goose/v3"

	"hookandtag.example/shop/dev/pg"
	"hookandtag.example/shop/migrations"
)

// startLimit bounds starting the server and making the template.
const startLimit = 2 * time.Minute

// cluster is the server the test databases live on.
type cluster struct {
	url      string // of its database postgres
	admin    *pgxpool.Pool
	server   *pg.Temporary // nil when somebody else started it
	template func() (string, error)
}

// started reports whether there is anything to stop.
var started atomic.Bool

// sharedCluster is started by the first test that needs it.
var sharedCluster = sync.OnceValues(func() (*cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	started.Store(true)
	return newCluster(ctx)
})

func newCluster(ctx context.Context) (*cluster, error) {
	c := &cluster{url: os.Getenv("SHOP_TEST_DSN")}
	if c.url == "" {
		server, err := pg.StartTemporary(ctx, nil)
		if err != nil {
			return nil, err
		}
		c.server, c.url = server, server.URL("postgres")
	}
	admin, err := pgxpool.New(ctx, c.url)
	if err != nil {
		return nil, fmt.Errorf("open the test server: %w", err)
	}
	c.admin = admin
	c.template = sync.OnceValues(func() (string, error) { return c.ensureTemplate(migrations.FS) })
	return c, nil
}

func stopCluster() {
	if !started.Load() {
		return
	}
	c, err := sharedCluster()
	if err != nil {
		return // the tests have said so
	}
	c.admin.Close()
	if c.server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.server.Stop(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// ensureTemplate returns the name of the database that holds files' schema and nothing else, made
// by whichever test binary comes first. The name follows from the migrations, so a change of them
// never meets an old template.
func (c *cluster) ensureTemplate(files fs.FS) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	sum, err := migrationsSum(files)
	if err != nil {
		return "", err
	}
	name := "template_" + sum
	return name, pgx.BeginFunc(ctx, c.admin, func(tx pgx.Tx) error {
		// Held until the transaction ends; the databases are made on connections of their own.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", name); err != nil {
			return err
		}
		var finished bool
		err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)",
			name).Scan(&finished)
		if err != nil || finished {
			return err
		}
		return c.makeTemplate(ctx, name, files)
	})
}

// makeTemplate marks the database as a template last: one that is not marked was left half made.
func (c *cluster) makeTemplate(ctx context.Context, name string, files fs.FS) error {
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if _, err := c.admin.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := migrate(ctx, withDatabase(c.url, name), files); err != nil {
		return err
	}
	_, err := c.admin.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
	return err
}

// migrate uses goose itself, not package postgres, so that tests inside that package can use this
// one.
func migrate(ctx context.Context, address string, files fs.FS) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// quiet keeps autovacuum from running.
func quiet(ctx context.Context, address string) error {
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	if _, err := connection.Exec(ctx, "ALTER SYSTEM SET autovacuum = off"); err != nil {
		return err
	}
	_, err = connection.Exec(ctx, "SELECT pg_reload_conf()")
	return err
}

// migrationsSum is a short name for the content of files.
func migrationsSum(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}
