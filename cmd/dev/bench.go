package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"hookandtag.example/shop/dev/bench"
	"hookandtag.example/shop/dev/pg"
)

type benchCommand struct {
	Rounds      int           `default:"3" help:"How often each measurement is repeated; the median counts."`
	Duration    time.Duration `default:"5s" help:"How long one measurement takes."`
	Connections int           `default:"32" help:"How many requests are made at once."`
	Sessions    int           `default:"100000" help:"How many sessions each shop's table holds beforehand."`
	Growth      []int         `help:"Measure how statements grow with the sessions, at these numbers, such as 10000,1000000, and nothing else."`
	Products    []int         `help:"Measure our shop with catalogues of these sizes, such as 1000,100000, and nothing else."`
	Overload    bool          `help:"Measure our shop at twice and ten times its limit, and nothing else."`
	Wait        bool          `help:"Start the shops, print their addresses, and wait for a sender of your own, such as wrk, until Ctrl-C."`
	Output      string        `default:"-" help:"The file for the tables, in Markdown."`
	Write       bool          `help:"Put the tables and a chart into docs/performance.md and README.md."`
}

// Run measures the shop beside others on one PostgreSQL. Where Node.js is missing, it measures the
// rest and says so.
func (c *benchCommand) Run(ctx context.Context) (err error) {
	if err := ensure(ctx, postgresRequirement); err != nil {
		return err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	dir, err := pg.TempDir("", "hookandtag-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var settings []string
	if len(c.Growth) > 0 {
		settings = []string{fmt.Sprintf("shared_buffers=%dMB", 64+bench.GrowthMemory(c.Growth)>>20), "max_wal_size=8GB"}
	}
	server, err := pg.Start(ctx, pg.Options{Dir: dir, Settings: settings, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(databaseStop, server.Stop)) }()
	o := bench.Options{
		Root: root, Server: server.URL("postgres"), Postmaster: server.PID(), Rounds: c.Rounds, Duration: c.Duration,
		Connections: c.Connections, Sessions: c.Sessions, Growth: c.Growth, Products: c.Products, Log: os.Stderr,
	}
	tables, err := c.measure(ctx, o)
	if err != nil {
		return err
	}
	if c.Output == "-" {
		_, err = os.Stdout.WriteString(tables)
		return err
	}
	return os.WriteFile(c.Output, []byte(tables), 0o644)
}

// measure runs what was asked for, puts it into the pages if it is to be written, and returns the
// tables.
func (c *benchCommand) measure(ctx context.Context, o bench.Options) (string, error) {
	if c.Wait {
		return "", bench.Wait(ctx, o)
	}
	if c.Overload {
		return bench.Overload(ctx, o)
	}
	var tables strings.Builder
	growing := len(o.Growth) > 0 || len(o.Products) > 0
	if len(o.Products) > 0 || !growing {
		report, err := bench.Run(ctx, o)
		if err != nil {
			return "", err
		}
		conditions := fmt.Sprintf("%d connections, %d sessions in each table, medians of %d rounds of %s.", c.Connections,
			c.Sessions, c.Rounds, c.Duration)
		fmt.Fprintln(&tables, conditions)
		if growing {
			report.ProductsMarkdown(&tables)
		} else {
			report.Markdown(&tables)
		}
		if c.Write && !growing {
			return tables.String(), report.Write(o.Root, conditions)
		}
	}
	sizes, err := bench.Grow(ctx, o)
	if err != nil {
		return "", err
	}
	bench.GrowthMarkdown(&tables, sizes)
	if c.Write {
		return tables.String(), bench.WriteGrowth(o.Root, tables.String())
	}
	return tables.String(), nil
}
