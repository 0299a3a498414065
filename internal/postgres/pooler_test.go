package postgres_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"hookandtag.example/shop/dev/pg"
	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// limitsIgnored is PgBouncer's setting where the limits of statements are sent all the same.
const limitsIgnored = "ignore_startup_parameters = statement_timeout, lock_timeout, idle_in_transaction_session_timeout"

// pooled is the address of the same database behind a real PgBouncer.
func pooled(t testing.TB, address string, settings ...string) string {
	t.Helper()
	pooler, err := pg.StartPooler(t.Context(), address, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pooler.Stop(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return pooler.URL(strings.TrimPrefix(u.Path, "/"))
}

func openStore(t testing.TB, address string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

func TestStoreWorksBehindPgBouncer(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string][]string{
		"transaction mode":                     {"pool_mode = transaction", "default_pool_size = 3"},
		"transaction mode, parameters ignored": {"pool_mode = transaction", "default_pool_size = 3", limitsIgnored},
		"session mode":                         {"pool_mode = session"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := postgrestest.URL(t)
			putProduct(t, openPool(t, address), "HAT", 500, money.Amount(1000))
			store := openStore(t, pooled(t, address, settings...))
			var all errgroup.Group
			for range 8 {
				all.Go(func() error { return shopAround(t, store) })
			}
			if err := all.Wait(); err != nil {
				t.Fatal(err)
			}
			if err := store.Ready(t.Context()); err != nil {
				t.Errorf("ready: %v", err)
			}
		})
	}
}

// shopAround runs statements of every kind, alone, in batches and in transactions, so often that
// connections are mixed.
func shopAround(t *testing.T, s *postgres.Store) error {
	for range 25 {
		id, _, err := s.AddLine(t.Context(), cart.Owner{}, "HAT", 2)
		o := cart.Owner{CartID: id}
		_, found := s.Cart(t.Context(), o)
		_, _, nobody := s.FindSession(t.Context(), [32]byte{1})
		if err := errors.Join(err, found, nobody, s.SetLine(t.Context(), o, "HAT", 1),
			s.ForgetCart(t.Context(), o)); err != nil {
			return err
		}
	}
	return nil
}

func TestDirectConnectionsKeepPreparedStatements(t *testing.T) {
	t.Parallel()
	store := openStore(t, postgrestest.URL(t)+"&pool_max_conns=1") // what is prepared is a connection's own
	for range 3 {
		if _, _, err := store.FindSession(t.Context(), [32]byte{1}); err != nil {
			t.Fatal(err)
		}
	}
	var prepared int
	err := store.Pool().QueryRow(t.Context(),
		"SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM sessions s%' AND statement NOT LIKE "+
			"'%prepared%'").Scan(&prepared)
	if err != nil || prepared != 1 {
		t.Errorf("%d statements are prepared, %v; want 1", prepared, err)
	}
}

func TestTheLimitsOfStatementsAreMissedBehindPgBouncer(t *testing.T) {
	t.Parallel()
	address := postgrestest.URL(t)
	if unlimited, err := openStore(t, address).Unlimited(t.Context()); err != nil || unlimited {
		t.Errorf("direct: unlimited %t, %v; want false", unlimited, err)
	}
	behind := pooled(t, address, "pool_mode = transaction")
	if unlimited, err := openStore(t, behind).Unlimited(t.Context()); err != nil || !unlimited {
		t.Errorf("behind PgBouncer: unlimited %t, %v; want true", unlimited, err)
	}
	pool := openPool(t, address)
	u, _ := url.Parse(address)
	exec(t, pool, "ALTER DATABASE "+strings.TrimPrefix(u.Path, "/")+" SET statement_timeout = '2s'")
	again := pooled(t, address, "pool_mode = transaction")
	if unlimited, err := openStore(t, again).Unlimited(t.Context()); err != nil || unlimited {
		t.Errorf("behind PgBouncer, with a limit of the database's: unlimited %t, %v; want false", unlimited, err)
	}
}

func TestMigrateRefusesPgBouncerInTransactionMode(t *testing.T) {
	t.Parallel()
	address := pooled(t, postgrestest.Empty(t), "pool_mode = transaction")
	if err := postgres.Migrate(t.Context(), address); !errors.Is(err, postgres.ErrPooler) {
		t.Errorf("got %v, want ErrPooler", err)
	}
}
