// Package shoptest starts whole shops for tests, as cmd/shop does, and asks their databases.
package shoptest

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/lab"
	"hookandtag.example/shop/internal/postgres"
)

// Environment returns an environment of these variables, each NAME=value. The first of a name
// counts.
func Environment(variables ...string) app.Environment {
	return func(name string) (string, bool) {
		for _, variable := range variables {
			if value, ok := strings.CutPrefix(variable, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
}

// Serve opens a shop and serves it until the test ends or stop is called, which returns what
// app.App.Serve returned; an error there fails the test. Nothing is logged when o.Log is nil.
func Serve(t testing.TB, s app.Settings, o app.Options) (shop *app.App, stop func() error) {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	shop, err := app.Open(t.Context(), s, o)
	Must(t, err)
	return shop, serve(t, "the shop", shop.Serve)
}

// ServeLab serves a lab twin, for the shop at that address, until the test ends.
func ServeLab(t testing.TB, listener net.Listener, shop string) {
	t.Helper()
	twin, err := lab.New(lab.Config{URL: "http://" + listener.Addr().String(), Shop: shop,
		Log: slog.New(slog.DiscardHandler)})
	Must(t, err)
	serve(t, "the twin", func(ctx context.Context) error { return twin.Serve(ctx, listener) })
}

func serve(t testing.TB, what string, run func(context.Context) error) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- run(ctx) }()
	stop = sync.OnceValue(func() error { cancel(); return <-served })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("%s ended with %v", what, err)
		}
	})
	return stop
}

// Must fails the test at an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Parse reads settings, which must be right.
func Parse(t testing.TB, variables ...string) app.Settings {
	t.Helper()
	s, err := app.Parse(Environment(variables...))
	Must(t, err)
	return s
}

// Listen takes a free port of this machine.
func Listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Must(t, err)
	return l
}

// Port returns the port of a TCP listener.
func Port(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }

// Connect opens a pool that is closed when the test ends.
func Connect(t testing.TB, address string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), address)
	Must(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// Seed puts the first day's products on sale.
func Seed(t testing.TB, db *pgxpool.Pool) {
	t.Helper()
	if _, err := postgres.New(db).Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Change changes rows behind the shop's back; the test fails unless there were any.
func Change(t testing.TB, db *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	done, err := db.Exec(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if done.RowsAffected() == 0 {
		t.Fatalf("%s changed nothing", sql)
	}
}

// One returns the one value that sql asks for.
func One[T any](t testing.TB, db *pgxpool.Pool, sql string, args ...any) T {
	t.Helper()
	rows, _ := db.Query(t.Context(), sql, args...) // CollectExactlyOneRow returns its error
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// Eventually asks again and again until ok, for 30 seconds at most.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	end := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-ticker.C:
		case <-end:
			t.Fatalf("never came true: %s", what)
		}
	}
}
