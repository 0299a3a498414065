package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/singleflight"

	"hookandtag.example/shop/internal/catalog"
)

// productColumns are what productFields scans, of products p.
const productColumns = `p.id, p.sku, p.slug, p.name, p.room, p.summary, p.description, p.material, p.size,
    p.weight, p.care,
    p.silhouette, p.weave, p.tone, p.price, coalesce(p.was_price, 0), p.stock, coalesce(p.purchase_limit, 0),
        p.position`

// productFields are where productColumns go.
func productFields(p *catalog.Product) []any {
	return []any{&p.ID, &p.SKU, &p.Slug, &p.Name, &p.Room, &p.Summary, &p.Description, &p.Material, &p.Size, &p.Weight,
		&p.Care,
		&p.Silhouette, &p.Weave, &p.Tone, &p.Price, &p.WasPrice, &p.Stock, &p.Limit, &p.Position}
}

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
	asked   singleflight.Group
	reading sync.Mutex // one read at a time
}

// NewCatalog returns a Catalog that holds nothing yet; Watch fills it. From now on the store
// reports with each session what has changed since its snapshot. A nil log is silent.
func NewCatalog(store *Store, log *slog.Logger) *Catalog {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Catalog{store: store, log: log}
	store.catalog.Store(c)
	return c
}

// catalogVersion returns the version of the snapshot that pages are built from now; without one a
// version from which nothing has changed.
func (s *Store) catalogVersion() catalog.Version {
	if c := s.catalog.Load(); c != nil {
		if snapshot := c.current.Load(); snapshot != nil {
			return snapshot.Version
		}
	}
	return catalog.Version{Horizon: math.MaxInt64}
}

// Current returns the newest snapshot, nil before the first one has been read.
func (c *Catalog) Current() *catalog.Snapshot { return c.current.Load() }

// Snapshot returns the newest snapshot, loading the first one. Once there is one it asks the
// database nothing and cannot fail.
func (c *Catalog) Snapshot(ctx context.Context) (*catalog.Snapshot, error) {
	if s := c.Current(); s != nil {
		return s, nil
	}
	return c.refresh(ctx, readChanged)
}

// Newest returns the catalogue as it is now. It asks the database one statement, and more when
// something has changed.
func (c *Catalog) Newest(ctx context.Context) (*catalog.Snapshot, error) {
	return c.refresh(ctx, readChanged)
}

// AsOf returns a snapshot that is at least as new as the state that a statement has just seen. It
// asks the database only when something has changed since the newest snapshot.
func (c *Catalog) AsOf(ctx context.Context, seen catalog.Version) (*catalog.Snapshot, error) {
	if newest := c.current.Load(); newest != nil && newest.Version == seen {
		return newest, nil
	}
	return c.refresh(ctx, readChanged)
}

// Watch keeps the snapshot at most a second old until ctx ends. While the database is away the last
// snapshot stays.
func (c *Catalog) Watch(ctx context.Context) {
	pace, reload := time.NewTicker(catalogPace), time.NewTicker(catalogReload)
	defer pace.Stop()
	defer reload.Stop()
	for failed := false; ; {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
			err = c.look(ctx)
		case <-reload.C:
			_, err = c.refresh(ctx, readWhole)
		}
		if err != nil && !failed && ctx.Err() == nil {
			c.log.Warn("catalogue not refreshed", slog.String("error", err.Error()))
		}
		failed = err != nil
	}
}

// look refreshes when something has changed. It asks over the connection of Ready, so that it takes
// none from requests, and gives it back soon: Ready waits for it.
func (c *Catalog) look(ctx context.Context) error {
	if newest := c.current.Load(); newest != nil {
		var changes int64
		limited, cancel := context.WithTimeout(ctx, waitLimit)
		defer cancel()
		err := c.store.readiness.QueryRow(limited, catalogChanges, newest.Version.Horizon).Scan(&changes)
		if err != nil || changes == newest.Version.Later {
			return err
		}
	}
	_, err := c.refresh(ctx, readChanged)
	return err
}

// What a read of the catalogue reads: what has changed since the snapshot, everything if there is
// none; or everything.
const (
	readChanged = "changed"
	readWhole   = "whole"
)

// refresh returns the catalogue as it is now. Calls share a read if it begins after all of them
// have come: those that come during a read share the next one.
func (c *Catalog) refresh(ctx context.Context, what string) (*catalog.Snapshot, error) {
	shared := c.asked.DoChan(what, func() (any, error) {
		c.reading.Lock()
		defer c.reading.Unlock()
		c.asked.Forget(what) // or calls from now on would be given what this read sees
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), catalogTimeout)
		defer cancel()
		newest := c.current.Load()
		since := newest
		if what == readWhole {
			since = nil
		}
		next, err := c.store.readCatalog(ctx, since)
		if err != nil {
			return nil, err
		}
		if newest != nil && newest.Version.Horizon <= next.Version.Horizon && newest.SameProducts(next) {
			return newest, nil // pages are kept as long as their snapshot
		}
		c.current.Store(next)
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

// catalogTimeout bounds one read of the catalogue.
const catalogTimeout = 2 * waitLimit

// readCatalog returns the catalogue as it is now, reading only what has changed since an earlier
// snapshot; that one itself when nothing has.
//
// Every transaction before the horizon has ended, so its changes are in the read. A later one may
// end after the read: the next read begins at the horizon again. What changed in a database that
// has lost transactions since, and so counts from an earlier one, is seen by the next whole read.
func (s *Store) readCatalog(ctx context.Context, since *catalog.Snapshot) (*catalog.Snapshot, error) {
	from := int64(0)
	if since != nil {
		var changes int64
		err := s.pool.QueryRow(ctx, catalogChanges, since.Version.Horizon).Scan(&changes)
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
	catalogChanges = `SELECT catalog_changes($1)`

	catalogVersion = `
SELECT h.horizon, catalog_changes(h.horizon)
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon) h`

	catalogSince = `SELECT ` + productColumns + ` FROM products p WHERE p.changed_in >= $1 ORDER BY p.position, p.id`
)
