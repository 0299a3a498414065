package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"hookandtag.example/shop/migrations"
)

// ErrPooler is Migrate's answer to an address that leads to a transaction pooler.
var ErrPooler = errors.New("the database address leads to a connection pooler that assigns connections per " +
	"transaction: migrations need the database's own address (MIGRATE_DATABASE_URL)")

// Migrate brings the database at url up to the newest migration. Several processes may call it at
// once: one works, the others wait, at most five minutes. Where it recognizes a transaction pooler
// it returns ErrPooler and changes nothing, because behind one the lock would guard nothing.
func Migrate(ctx context.Context, url string) error {
	config, err := parse(url)
	if err != nil {
		return err
	}
	speakUTF8(config.ConnConfig)
	db := stdlib.OpenDB(*config.ConnConfig,
		stdlib.OptionAfterConnect(func(_ context.Context, c *pgx.Conn) error { return wantUTF8(c) }))
	defer db.Close()
	if err := refusePooler(ctx, db); err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return fmt.Errorf("prepare the migrations' lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// refusePooler opens a second connection while the first is open, and compares the server processes
// behind them. On a real database two connections have two processes and keep them. A transaction
// pooler gives the first connection another process now and then, or gives the second transaction
// the one that the first connection has just used.
func refusePooler(ctx context.Context, db *sql.DB) error {
	first, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer first.Close()
	before, err := serverProcess(ctx, first)
	if err != nil {
		return err
	}
	same, err := serverProcess(ctx, first)
	if err != nil {
		return err
	}
	second, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("connect to the database a second time: %w", err)
	}
	defer func() { _ = second.Rollback() }()
	other, err := serverProcess(ctx, second)
	if err != nil {
		return err
	}
	if same != before || other == before {
		return ErrPooler
	}
	return nil
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func serverProcess(ctx context.Context, q querier) (int, error) {
	var pid int
	// The simple protocol, because older poolers lose prepared statements.
	err := q.QueryRowContext(ctx, "SELECT pg_backend_pid()", pgx.QueryExecModeSimpleProtocol).Scan(&pid)
	if err != nil {
		return 0, fmt.Errorf("ask for the server process: %w", err)
	}
	return pid, nil
}

// migrated reports whether the database has every migration this program knows. One that has more
// counts as migrated, so that the old version keeps serving while the new one is rolled out.
func migrated(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	var version int64
	err := pool.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version)
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && refused.Code == "42P01" {
		return false, nil // undefined_table: never migrated
	}
	if err != nil {
		return false, fmt.Errorf("read the database's version: %w", err)
	}
	newest, err := newestMigration()
	return version >= newest, err
}

func newestMigration() (int64, error) {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, file := range files {
		number, err := goose.NumericComponent(path.Base(file))
		if err != nil {
			return 0, fmt.Errorf("number of migration %s: %w", file, err)
		}
		newest = max(newest, number)
	}
	return newest, nil
}
