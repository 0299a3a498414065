package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/singleflight"

	"hookandtag.example/shop/internal/catalog"
)

const (
	// catalogPace is how old a snapshot may be on pages without a session.
	catalogPace = time.Second
	// catalogReload is how often the whole catalogue is read, which notices a deleted product.
	catalogReload = time.Minute
)

// Catalog keeps the newest snapshot of the catalogue in memory. It is safe for concurrent use.
type Catalog struct {
	store   *Store
	log     *slog.Logger
	current atomic.Pointer[catalog.Snapshot]
	loading singleflight.Group
}

// NewCatalog returns a Catalog that holds nothing yet; Watch fills it. A nil log is silent.
func NewCatalog(store *Store, log *slog.Logger) *Catalog {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Catalog{store: store, log: log}
}

// Snapshot returns the newest snapshot, loading the first one. Once there is one it asks the database nothing and cannot fail.
func (c *Catalog) Snapshot(ctx context.Context) (*catalog.Snapshot, error) {
	if s := c.current.Load(); s != nil {
		return s, nil
	}
	return c.refresh(ctx, nil)
}

// AsOf returns a snapshot that holds the changes whose checksum a statement has just reported for the horizon of s; s itself when
// nothing has changed.
func (c *Catalog) AsOf(ctx context.Context, s *catalog.Snapshot, changes int64) (*catalog.Snapshot, error) {
	if s.Version.Later == changes {
		return s, nil
	}
	if newest := c.current.Load(); newest != s && newest.Version.Horizon == s.Version.Horizon && newest.Version.Later == changes {
		return newest, nil
	}
	return c.refresh(ctx, s)
}

// Watch keeps the snapshot at most a second old until ctx ends. While the database is away the last snapshot stays.
func (c *Catalog) Watch(ctx context.Context) {
	pace, reload := time.NewTicker(catalogPace), time.NewTicker(catalogReload)
	defer pace.Stop()
	defer reload.Stop()
	for failed := false; ; {
		since := c.current.Load()
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		case <-reload.C:
			since = nil
		}
		_, err := c.refresh(ctx, since)
		if err != nil && !failed && ctx.Err() == nil {
			c.log.Warn("catalogue not refreshed", slog.String("error", err.Error()))
		}
		failed = err != nil
	}
}

// refresh reads what has changed since a snapshot, everything when it is nil. Concurrent calls share one read.
func (c *Catalog) refresh(ctx context.Context, since *catalog.Snapshot) (*catalog.Snapshot, error) {
	key := "all"
	if since != nil {
		key = fmt.Sprint(since.Version)
	}
	shared := c.loading.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), catalogTimeout)
		defer cancel()
		next, err := c.store.readCatalog(ctx, since)
		if err != nil {
			return nil, err
		}
		c.publish(next)
		return next, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-shared:
		if result.Err != nil {
			return nil, fmt.Errorf("read catalogue: %w", result.Err)
		}
		return result.Val.(*catalog.Snapshot), nil
	}
}

// publish makes a snapshot the newest, unless a later one is there already.
func (c *Catalog) publish(next *catalog.Snapshot) {
	for {
		newest := c.current.Load()
		if newest != nil && newest.Version.Horizon > next.Version.Horizon || c.current.CompareAndSwap(newest, next) {
			return
		}
	}
}

// catalogTimeout bounds one read of the catalogue.
const catalogTimeout = 10 * time.Second

// readCatalog returns the catalogue as it is now, reading only what has changed since an earlier snapshot; that one itself when
// nothing has.
//
// Every transaction before the horizon has ended, so its changes are in the read. A later one may end after the read: the next
// read begins at the horizon again.
func (s *Store) readCatalog(ctx context.Context, since *catalog.Snapshot) (*catalog.Snapshot, error) {
	from := int64(0)
	if since != nil {
		var changes int64
		err := s.pool.QueryRow(ctx, `SELECT catalog_changes($1)`, since.Version.Horizon).Scan(&changes)
		if err != nil || changes == since.Version.Later {
			return since, err
		}
		from = since.Version.Horizon
	}
	var version catalog.Version
	var changed []catalog.Product
	oneMoment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, s.pool, oneMoment, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, catalogVersion).Scan(&version.Horizon, &version.Later)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, catalogSince, from)
		if err != nil {
			return err
		}
		changed, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p catalog.Product, err error) {
			return p, row.Scan(productFields(&p)...)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	if since == nil {
		return catalog.NewSnapshot(changed, version), nil
	}
	return since.With(changed, version), nil
}

const (
	catalogVersion = `
SELECT h.horizon, catalog_changes(h.horizon)
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon) h`

	catalogSince = `SELECT ` + productColumns + ` FROM products p WHERE p.changed_in >= $1 ORDER BY p.position, p.id`
)
