package app_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/pg"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// From the first product to the order, each page twice, through a real PgBouncer that has fewer
// server processes than the shop has connections.
func TestTheShopWorksBehindPgBouncerInTransactionMode(t *testing.T) {
	t.Parallel()
	direct := seeded(t)
	pooler, err := pg.StartPooler(t.Context(), direct, "pool_mode = transaction", "default_pool_size = 2")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pooler.Stop() })
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	c := openCounter(t, pooler.URL(strings.TrimPrefix(u.Path, "/")), nil)
	if c.pool, err = pgxpool.New(t.Context(), direct); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.pool.Close)
	for range 6 {
		t.Run("customer", func(t *testing.T) {
			t.Parallel()
			v := c.visitor(t)
			v.post("/cart/lines", "sku=HAT-BOWLER&quantity=1")
			v.signIn("/account")
			v.submit("/checkout/address", "name=Alice&street=Hook+Street+1&postcode=10115&city=Berlin&country=DE")
			v.submit("/checkout/delivery", "delivery=collect")
			for _, path := range []string{"/", "/products", "/products?q=hat", "/cart", "/account", "/account/devices",
				"/checkout/review", "/readyz"} {
				for range 2 {
					v.get(path)
				}
			}
			for _, r := range v.got {
				if r.status >= http.StatusInternalServerError {
					t.Errorf("%s answers %d", r.path, r.status)
				}
			}
		})
	}
}

func TestShopSaysAtStartWhatIsWrongWithItsDatabase(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for name, c := range map[string]struct{ address, want string }{
		"unknown host": {"postgres://shop:hunter2@nowhere.invalid/shop", "host has no address"},
		"nobody":       {"postgres://shop:hunter2@127.0.0.1:1/shop", "nothing listens"},
		// Its last attempt is cut short, and must not be the reason that is logged.
		"silent": {"postgres://shop:hunter2@" + silent.Addr().String() + "/shop?connect_timeout=1&sslmode=disable",
			"does not answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond) // instead of the 10 s a starting shop waits
			defer cancel()
			log := &lines{}
			_, err := app.Open(ctx, settings(t, c.address), app.Options{Log: app.NewLog(log, "json")})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q in it and no password", err, c.want)
			}
			if logged := strings.Count(log.String(), "waiting for the database"); logged == 0 || logged > 2 {
				t.Errorf("the reason is logged %d times, want once as it is first seen:\n%s", logged, log)
			}
		})
	}
}

func TestShopOnADatabaseThatTakesNoChangesIsNotReadyAndAnswersForms503(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	name := "x"
	if err := c.pool.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	if _, err := c.pool.Exec(t.Context(), "ALTER DATABASE "+name+" SET default_transaction_read_only = on"); err != nil {
		t.Fatal(err)
	}
	// What holds for new connections only.
	_, err := c.pool.Exec(t.Context(), "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = "+
		"current_database() AND application_name = 'shop'")
	if err != nil {
		t.Fatal(err)
	}
	v := c.visitor(t)
	if r := v.get("/readyz"); r.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d, want 503", r.status)
	}
	if r := v.post("/cart/lines", "sku=HAT-BOWLER&quantity=1"); r.status != http.StatusServiceUnavailable ||
		r.header.Get("Retry-After") == "" {
		t.Errorf("a form is answered %d with Retry-After %q, want 503", r.status, r.header.Get("Retry-After"))
	}
	if r := v.get("/products"); r.status != http.StatusOK {
		t.Errorf("a page is answered %d, want it as before", r.status)
	}
}

func TestManyAskWhetherTheShopIsReadyAndCostNoConnection(t *testing.T) {
	t.Parallel()
	address := postgrestest.URL(t)
	shop := run(t, settings(t, address), app.Options{Log: slog.New(slog.DiscardHandler)})
	pool, err := pgxpool.New(t.Context(), address)
	must(t, err)
	defer pool.Close()
	connections := func() (n int) {
		must(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "+
			"application_name = 'shop'").Scan(&n))
		return n
	}
	before := connections()
	answers := make(chan int)
	for range 50 {
		go func() {
			status, _, _ := ask(t.Context(), shop.url+"/readyz") // 0 without an answer
			answers <- status
		}()
	}
	for range 50 {
		if status := <-answers; status != http.StatusOK {
			t.Errorf("/readyz answers %d", status)
		}
	}
	if after := connections(); after != before {
		t.Errorf("%d connections, want the %d of before", after, before)
	}
}
