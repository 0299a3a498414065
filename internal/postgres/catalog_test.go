package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/catalog/seed"
	"hookandtag.example/shop/internal/postgres"
)

// changes is what a page's own statement reports for a snapshot.
func changes(t *testing.T, pool *pgxpool.Pool, s *catalog.Snapshot) (sum int64) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), `SELECT catalog_changes($1)`, s.Version.Horizon).Scan(&sum); err != nil {
		t.Fatal(err)
	}
	return sum
}

func snapshot(t *testing.T, c *postgres.Catalog) *catalog.Snapshot {
	t.Helper()
	s, err := c.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// current is the snapshot a page with a session is built from.
func current(t *testing.T, c *postgres.Catalog, pool *pgxpool.Pool) *catalog.Snapshot {
	t.Helper()
	s := snapshot(t, c)
	seen := catalog.Version{Horizon: s.Version.Horizon, Later: changes(t, pool, s)}
	s, err := c.AsOf(t.Context(), seen)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stock(t *testing.T, s *catalog.Snapshot, sku string) int {
	t.Helper()
	p, err := s.ProductBySKU(sku)
	if err != nil {
		t.Fatalf("%s: %v", sku, err)
	}
	return p.Stock
}

func TestAChangeIsInTheNextSnapshot(t *testing.T) {
	store, pool := newStore(t)
	c := postgres.NewCatalog(store, nil)
	putProduct(t, pool, "HAT", 8, 100)
	if got := stock(t, snapshot(t, c), "HAT"); got != 8 {
		t.Fatalf("got stock %d, want 8", got)
	}
	exec(t, pool, `UPDATE products SET stock = 3`)
	putProduct(t, pool, "CAP", 1, 100)
	s := current(t, c, pool)
	if stock(t, s, "HAT") != 3 || stock(t, s, "CAP") != 1 {
		t.Errorf("got %d hats and %d caps, want 3 and 1", stock(t, s, "HAT"), stock(t, s, "CAP"))
	}
	if snapshot(t, c) != s {
		t.Error("the newer snapshot is not kept")
	}
}

func TestATransactionThatCommitsLateIsNotMissed(t *testing.T) {
	store, pool := newStore(t)
	c := postgres.NewCatalog(store, nil)
	putProduct(t, pool, "HAT", 8, 100)
	putProduct(t, pool, "CAP", 8, 100)
	snapshot(t, c)

	early, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer early.Rollback(context.Background())
	if _, err := early.Exec(t.Context(), `UPDATE products SET stock = 1 WHERE sku = 'HAT'`); err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `UPDATE products SET stock = 2 WHERE sku = 'CAP'`) // a later transaction that commits first
	if s := current(t, c, pool); stock(t, s, "HAT") != 8 || stock(t, s, "CAP") != 2 {
		t.Errorf("before: got %d hats and %d caps, want 8 and 2", stock(t, s, "HAT"), stock(t, s, "CAP"))
	}
	if err := early.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := current(t, c, pool); stock(t, s, "HAT") != 1 {
		t.Errorf("after: got %d hats, want 1", stock(t, s, "HAT"))
	}
}

func TestOnlyAStockThatAPageShowsCountsAsAChange(t *testing.T) {
	store, pool := newStore(t)
	c := postgres.NewCatalog(store, nil)
	putProduct(t, pool, "HAT", 50, 100)
	s := snapshot(t, c)
	before := changes(t, pool, s)
	exec(t, pool, `UPDATE products SET stock = 49`)
	if got := changes(t, pool, s); got != before {
		t.Error("50 to 49: want no change")
	}
	exec(t, pool, `UPDATE products SET stock = 9`)
	if got := changes(t, pool, s); got == before {
		t.Error("49 to 9: want a change, because one can order at most 9")
	}
}

func TestManyChangesAtOnceEndInTheSameSnapshotAsAFreshRead(t *testing.T) {
	store, pool := newStore(t)
	c := postgres.NewCatalog(store, nil)
	for i := range 10 {
		putProduct(t, pool, fmt.Sprintf("HAT-%d", i), 10, 100)
	}
	snapshot(t, c)
	var writers sync.WaitGroup
	for i := range 3 {
		writers.Go(func() {
			for n := range 30 {
				_, err := pool.Exec(t.Context(), `UPDATE products SET stock = $1 WHERE sku = $2`, n%10,
					fmt.Sprintf("HAT-%d", (i+n)%10))
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 30 {
		current(t, c, pool)
	}
	writers.Wait()
	got, want := current(t, c, pool), snapshot(t, postgres.NewCatalog(store, nil))
	for p := range want.All {
		if n := stock(t, got, p.SKU); n != p.Stock {
			t.Errorf("%s: got stock %d, want %d", p.SKU, n, p.Stock)
		}
	}
}

func TestTheSnapshotStaysWhileTheDatabaseIsAway(t *testing.T) {
	store, pool := newStore(t)
	c := postgres.NewCatalog(store, nil)
	putProduct(t, pool, "HAT", 8, 100)
	s := snapshot(t, c)
	pool.Close()
	if got := snapshot(t, c); got != s {
		t.Error("got another snapshot, want the last one")
	}
	if _, err := c.AsOf(t.Context(), catalog.Version{Horizon: s.Version.Horizon, Later: s.Version.Later + 1}); err == nil {
		t.Error("got no error for a newer state that cannot be read")
	}
	if _, err := postgres.NewCatalog(store, nil).Snapshot(t.Context()); err == nil {
		t.Error("got no error for a first snapshot that cannot be read")
	}
}

func TestWatchFollowsTheDatabase(t *testing.T) {
	store, pool := newStore(t)
	c := postgres.NewCatalog(store, nil)
	putProduct(t, pool, "HAT", 8, 100)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	go c.Watch(ctx)
	exec(t, pool, `UPDATE products SET stock = 0`)
	for stock(t, snapshot(t, c), "HAT") != 0 {
		select {
		case <-ctx.Done():
			t.Fatal("the change does not arrive")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestAProductIsFoundAsItWasSeeded(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	if n, err := s.Seed(t.Context()); err != nil || n != len(seed.Items()) {
		t.Fatalf("got %d products, %v; want %d", n, err, len(seed.Items()))
	}
	products := snapshot(t, postgres.NewCatalog(s, nil))
	for _, want := range seed.Items() {
		got, err := products.Product(want.Slug)
		want.ID = got.ID
		if err != nil || got != want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
}

func TestSeedingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	s, pool := newStore(t)
	if _, err := s.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `UPDATE products SET price = 1, stock = 7 WHERE sku = 'UMB-DRIZZLE'`)
	exec(t, pool, `DELETE FROM products WHERE sku = 'UMB-SQUALL'`)
	if n, err := s.Seed(t.Context()); err != nil || n != 1 {
		t.Errorf("%d inserted, %v; want the missing one", n, err)
	}
	if p, err := snapshot(t, postgres.NewCatalog(s, nil)).Product("drizzle"); err != nil || p.Price != 1 || p.Stock != 7 {
		t.Errorf("%+v, %v", p, err)
	}
}
