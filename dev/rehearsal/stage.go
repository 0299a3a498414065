// Package rehearsal runs the shop as on several machines, real processes on this one, under load,
// breaks something, and reports what shoppers lost. It serves `go run ./cmd/dev failover` and
// `go run ./cmd/dev soak` only.
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/dev/pg"
	"hookandtag.example/shop/dev/process"
	"hookandtag.example/shop/dev/provider"
)

// stage is everything that runs: two database servers, a provider, the shop and a load balancer.
type stage struct {
	root             string // of the source
	dir, program     string
	log              io.Writer
	primary, standby *pg.Node
	address          string // of the database, for the shop
	shops            []*replica
	providerPort     string
	provider         *http.Server
	issuing          http.Handler          // the provider itself
	providerDelay    atomic.Int64          // of each of its answers, in nanoseconds
	disk             string                // the primary's, if it can be filled; "": it cannot
	pace             func(context.Context) // waits before each request of a shopper
	balancer         *process.Process
	port             string // the balancer's
	watcher          watcher
}

// open starts everything. What it started, close ends, also after an error.
func open(ctx context.Context, o Options) (s *stage, err error) {
	s = &stage{root: o.Root, log: o.Log, pace: stroll}
	if s.dir, err = pg.TempDir("", "hookandtag-rehearsal-"); err != nil {
		return s, err
	}
	s.program = filepath.Join(s.dir, "shop")
	if err := s.build(ctx, s.program); err != nil {
		return s, err
	}
	first := s.dir
	if o.FullDisk {
		first = s.smallDisk()
	}
	if err := s.startDatabases(ctx, first); err != nil {
		return s, err
	}
	for _, step := range []func(context.Context) error{s.fill, s.startProvider, s.startShops, s.startBalancer} {
		if err := step(ctx); err != nil {
			return s, err
		}
	}
	return s, nil
}

// build builds the shop as the program.
func (s *stage) build(ctx context.Context, program string, flags ...string) error {
	build := exec.CommandContext(ctx, "go", append(append([]string{"build", "-o", program}, flags...), "./cmd/shop")...)
	build.Dir = s.root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the shop: %w: %s", err, out)
	}
	return nil
}

func (s *stage) say(format string, args ...any) { fmt.Fprintf(s.log, format+"\n", args...) }

// startDatabases starts a primary that confirms nothing before its standby has it on disk.
func (s *stage) startDatabases(ctx context.Context, dir string) (err error) {
	s.say("starting a primary and a synchronous standby, and a PgBouncer beside each")
	if s.primary, err = pg.NewNode(ctx, filepath.Join(dir, "first")); err != nil {
		return err
	}
	// For pg_rewind, and so that a standby that was away for a while finds what it has missed.
	s.primary.Settings = []string{"wal_log_hints=on", "wal_keep_size=160MB"}
	if err := s.primary.Start(ctx); err != nil {
		return err
	}
	for _, sql := range []string{"CREATE ROLE shop LOGIN PASSWORD '" + s.primary.Password() + "'",
		"ALTER ROLE shop SET statement_timeout = '2s'", "ALTER ROLE shop SET lock_timeout = '2s'",
		"ALTER ROLE shop SET idle_in_transaction_session_timeout = '10s'"} {
		if err := s.primary.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if s.standby, err = s.primary.Standby(ctx, filepath.Join(s.dir, "second")); err != nil {
		return err
	}
	s.standby.Settings = s.primary.Settings
	if err := s.standby.Start(ctx); err != nil {
		return err
	}
	var places []string
	for _, n := range []*pg.Node{s.primary, s.standby} {
		place, err := n.Pool(ctx, filepath.Join(s.root, "deploy/scale/pgbouncer.ini"), "shop")
		if err != nil {
			return err
		}
		places = append(places, place)
	}
	s.address = fmt.Sprintf("postgres://shop:%s@%s/shop?sslmode=disable&target_session_attrs=read-write",
		s.primary.Password(), strings.Join(places, ","))
	return s.synchronous(ctx, s.primary)
}

// synchronous makes the node wait for its standby, and waits until there is one.
func (s *stage) synchronous(ctx context.Context, n *pg.Node) error {
	if err := set(ctx, n, "synchronous_standby_names = '*'"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := n.Exec(ctx, "SELECT 1 / count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// set changes a setting of a node that is running.
func set(ctx context.Context, n *pg.Node, line string) error {
	return errors.Join(n.Exec(ctx, "ALTER SYSTEM SET "+line), n.Exec(ctx, "SELECT pg_reload_conf()"))
}

// fill makes the shop's tables and products, more of each than shoppers can buy.
func (s *stage) fill(ctx context.Context) error {
	if err := s.primary.Exec(ctx, "CREATE DATABASE shop"); err != nil {
		return err
	}
	if err := errors.Join(s.migrate(ctx), s.owner(ctx, "seed")); err != nil {
		return err
	}
	return s.exec(ctx, "UPDATE products SET stock = 1000000")
}

func (s *stage) migrate(ctx context.Context) error { return s.owner(ctx, "migrate", "--grant-to=shop") }

// owner runs a command of the shop as the owner of its database.
func (s *stage) owner(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+s.primary.URL(pg.Owner, "shop"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("shop %s: %w: %s", args[0], err, out)
	}
	return nil
}

// exec runs statements in the shop's database; one alone may have arguments.
func (s *stage) exec(ctx context.Context, sql string, args ...any) error {
	return s.primary.ExecIn(ctx, "shop", sql, args...)
}

// query returns the first column of the rows as text.
func (s *stage) query(ctx context.Context, sql string) ([]string, error) {
	c, err := pgx.Connect(ctx, s.primary.URL(pg.Owner, "shop"))
	if err != nil {
		return nil, err
	}
	defer c.Close(ctx)
	rows, err := c.Query(ctx, "SELECT q::text FROM ("+sql+") AS q (q)")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (s *stage) startProvider(context.Context) (err error) {
	if s.providerPort, err = process.FreePort(); err != nil {
		return err
	}
	if s.port, err = process.FreePort(); err != nil {
		return err
	}
	s.issuing, err = provider.New(provider.Config{Issuer: s.issuer(), Dir: filepath.Join(s.dir, "provider"),
		ShopURLs: []string{s.base()}, ClientID: provider.DefaultClientID, ClientSecret: provider.DefaultClientSecret,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return s.serveProvider()
}

func (s *stage) issuer() string { return "http://idp.localhost:" + s.providerPort }

// base is the shop's address as browsers see it.
func (s *stage) base() string { return "http://localhost:" + s.port }

// close ends everything and removes its files.
func (s *stage) close() {
	s.balancer.End(syscall.SIGKILL)
	s.watcher.End(syscall.SIGKILL)
	for _, r := range s.shops {
		r.End(syscall.SIGKILL)
	}
	if s.provider != nil {
		_ = s.provider.Close()
	}
	for _, n := range []*pg.Node{s.standby, s.primary} {
		if n != nil {
			n.Crash()
		}
	}
	if s.disk != "" {
		_ = exec.Command("umount", s.disk).Run() // it holds nothing that is needed
	}
	_ = os.RemoveAll(s.dir)
}
