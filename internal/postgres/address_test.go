package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/postgres"
)

// opened are all ways to a database by its address, each with what it says of it.
var opened = map[string]func(ctx context.Context, url string) error{
	"open": func(ctx context.Context, url string) error {
		store, err := postgres.Open(ctx, url)
		if err != nil {
			return err
		}
		defer store.Close()
		return store.Ping(ctx)
	},
	"migrate": postgres.Migrate,
	"grant":   func(ctx context.Context, url string) error { return postgres.Grant(ctx, url, "shop") },
}

// wantUntold tries an address in each way and returns what was said last, which must be something
// and hold neither half of the password.
func wantUntold(t *testing.T, url, half, otherHalf string) (said string) {
	t.Helper()
	for way, open := range opened {
		err := open(t.Context(), url)
		if err == nil {
			t.Fatalf("%s: %s leads to a database", way, url)
		}
		if said = err.Error(); strings.Contains(said, half) || strings.Contains(said, otherHalf) {
			t.Errorf("%s: %s: the error reveals a secret: %s", way, url, said)
		}
	}
	return said
}

func TestAnAddressThatCannotBeReadIsToldWithoutItsPassword(t *testing.T) { // ASVS 13.3.1, 16.2.5
	t.Parallel()
	const general = "neither postgres://user@host/database nor host=…"
	for url, want := range map[string]string{
		`postgres://shop:s3c@r3t%zz@host/shop`:                      general,
		`postgres://shop:s3cr3t@host:notaport/shop`:                 "invalid port",
		`postgres://shop:s3c@r3t@127.0.0.1:1/shop`:                  general,
		`postgres://shop:s3c r3t@host:notaport/shop`:                "unexpected spaces found in password",
		`postgres://shop:s3c/r3t@host/shop`:                         "invalid port",
		`postgres://shop:1/s3cr3t@127.0.0.1/shop`:                   general,
		`postgres://shop:1/s3c?r3t=x@127.0.0.1/shop`:                general,
		`postgres://shop:s3c%r3t@127.0.0.1/shop`:                    "invalid percent-encoded token in password",
		`postgres://shop:s3cr3t@127.0.0.1/shop?sslmode=sometimes`:   "sslmode is invalid",
		`postgres://shop:s3cr3t@127.0.0.1/shop?pool_max_conns=all`:  "cannot parse pool_max_conns",
		`postgres://shop@127.0.0.1/shop?password=s3c=r3t`:           general,
		`"postgres://shop:s3cr3t@127.0.0.1/shop?sslmode=disable"`:   general,
		`Postgres://shop:s3cr3t@127.0.0.1/shop?sslmode=disable`:     general,
		`//shop:s3cr3t@127.0.0.1/shop?sslmode=disable`:              general,
		`shop:s3cr3t@127.0.0.1/shop`:                                general,
		`host=db password = s3cr3t sslmode=x`:                       "sslmode is invalid",
		`host=db password=s3c r3t`:                                  general,
		`host=db password='s3c'r3t' dbname=shop`:                    general,
		`host=db password='s3cr3t dbname=shop`:                      "unterminated quoted string",
		`host=db password=s3cr3t connect_timeout=soon`:              "invalid connect_timeout",
		`host=127.0.0.1 password=s3c host=r3t dbname=shop`:          general,
		"host=127.0.0.1 password='s3c'\vdbname = 'r3t' dbname=shop": general,
		`database=shop host=127.0.0.1 password=s3c dbname=r3t`:      general,
		`postgres://shop@127.0.0.1/shop?password=s3c&host=r3t`:      general,
		`postgres://shop@127.0.0.1/shop?password=s3c&dbname=r3t`:    general,
		`postgres://shop@127.0.0.1/?password=s3c&user=r3t`:          general,
		`postgres:///?user=shop&password=s3c&user=r3t`:              general,
	} {
		if said := wantUntold(t, url, "s3c", "r3t"); !strings.Contains(said, want) ||
			!strings.Contains(said, "database's address cannot be read") {
			t.Errorf("%s: got %q, want %q in it", url, said, want)
		}
	}
}

// the address of a server that is not there, well written or not
func TestNoCharacterInAPasswordBringsItToLight(t *testing.T) {
	t.Parallel()
	for c := byte(' '); c <= '~'; c++ {
		for _, form := range []string{`postgres://shop:s3c%cr3t@127.0.0.1:1/shop`,
			`postgresql://shop:1%cs3cr3t@127.0.0.1:1/shop`,
			`host=127.0.0.1 port=1 password=s3c%cr3t dbname=shop`, `host=127.0.0.1 port=1 password='s3c%cr3t' dbname=shop`} {
			wantUntold(t, fmt.Sprintf(form, c), "s3c", "r3t")
		}
	}
}

func TestAWellWrittenAddressIsRead(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		`host=127.0.0.1 port=1 password='it\'s host=x' dbname=shop`,
		`host=127.0.0.1 port=1 password=a\ host=b\\ dbname = shop`, `host = '127.0.0.1'port=1`,
		`host=127.0.0.1,::1 port=1,1 user=shop`,
		`postgres://shop:p%40w@127.0.0.1:1,[::1]:1/shop?sslmode=disable&application_name=shop`,
		`postgresql:///shop?host=127.0.0.1&port=1&user=shop`, `postgres://127.0.0.1:1?dbname=shop`,
	} {
		if err := opened["open"](t.Context(), url); err == nil || strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("%s: %v, want that nobody answers there", url, err)
		}
	}
}
