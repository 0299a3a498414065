package postgres_test

import (
	"context"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// asking is a context that says when somebody waits for its end.
type asking struct {
	context.Context
	waits func()
}

func (a asking) Done() <-chan struct{} {
	a.waits()
	return a.Context.Done()
}

func TestACatalogueReadAnswersNoQuestionThatCameAfterItBegan(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(context.Context, *postgres.Catalog, catalog.Version) (*catalog.Snapshot, error){
		"as of a state": func(ctx context.Context, c *postgres.Catalog, seen catalog.Version) (*catalog.Snapshot, error) {
			return c.AsOf(ctx, seen)
		},
		"newest": func(ctx context.Context, c *postgres.Catalog, _ catalog.Version) (*catalog.Snapshot, error) {
			return c.Newest(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := postgrestest.URL(t)
			pool := openPool(t, url)
			putProduct(t, pool, "HAT", 8, 100)
			began, goOn := make(chan struct{}), make(chan struct{})
			var armed atomic.Bool
			store, err := postgres.OpenWatched(t.Context(), url, func(_ context.Context, s postgres.Statement) {
				if strings.Contains(s.SQL, "pg_snapshot_xmin") && armed.CompareAndSwap(true, false) {
					close(began) // the read's transaction sees nothing later any more
					<-goOn
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(store.Close)
			c := postgres.NewCatalog(store, nil)
			first := snapshot(t, c)
			seen := func() catalog.Version {
				return catalog.Version{Horizon: first.Version.Horizon, Later: changes(t, pool, first)}
			}
			exec(t, pool, `UPDATE products SET stock = 3`)
			armed.Store(true)
			var asked sync.WaitGroup
			before := seen()
			asked.Go(func() {
				if _, err := ask(t.Context(), c, before); err != nil {
					t.Error(err)
				}
			})
			<-began
			exec(t, pool, `UPDATE products SET stock = 0`)
			after := seen()
			asked.Go(func() {
				s, err := ask(asking{t.Context(), sync.OnceFunc(func() { close(goOn) })}, c, after)
				if err != nil {
					t.Error(err)
				} else if got := stock(t, s, "HAT"); got != 0 {
					t.Errorf("got stock %d from a read that began before the question, want 0", got)
				}
			})
			asked.Wait()
		})
	}
}

// Pages are kept as long as their snapshot.
func TestAWholeReadThatFindsNothingNewKeepsTheSnapshot(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	c := postgres.NewCatalog(store, nil)
	putProduct(t, pool, "HAT", 8, 100)
	before := snapshot(t, c)
	if err := postgres.Reload(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if snapshot(t, c) != before {
		t.Error("got another snapshot of the same products, want the same one")
	}
	exec(t, pool, `DELETE FROM products`)
	if err := postgres.Reload(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if snapshot(t, c) == before {
		t.Error("got the snapshot of before, want one without the deleted product")
	}
}

// A restored database, or a standby that took over without the last transactions, counts from where
// it was.
func TestTheCatalogueFollowsADatabaseWhoseTransactionNumbersWentBack(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	c := postgres.NewCatalog(store, nil)
	putProduct(t, pool, "HAT", 8, 100)
	snapshot(t, c)
	postgres.SetHorizon(c, math.MaxInt32)
	exec(t, pool, `UPDATE products SET stock = 3`)
	if err := postgres.Reload(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got := stock(t, snapshot(t, c), "HAT"); got != 3 {
		t.Errorf("got stock %d after a whole read, want 3", got)
	}
	exec(t, pool, `UPDATE products SET stock = 2`)
	if got := stock(t, current(t, c, pool), "HAT"); got != 2 {
		t.Errorf("got stock %d then, want 2", got)
	}
}
