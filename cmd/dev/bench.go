package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"hookandtag.example/shop/dev/bench"
	"hookandtag.example/shop/dev/pg"
)

type benchCommand struct {
	Rounds      int           `default:"3" help:"How often each measurement is repeated; the median counts."`
	Duration    time.Duration `default:"5s" help:"How long one measurement takes."`
	Connections int           `default:"32" help:"How many requests are made at once."`
	Sessions    int           `default:"100000" help:"How many sessions each shop's table holds beforehand."`
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
	dir, err := os.MkdirTemp("", "hookandtag-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// The server's own account has to get through.
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	server, err := pg.Start(ctx, pg.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(databaseStop, server.Stop)) }()
	report, err := bench.Run(ctx, bench.Options{
		Root: root, Server: server.URL("postgres"), Postmaster: server.PID(), Rounds: c.Rounds, Duration: c.Duration,
		Connections: c.Connections, Sessions: c.Sessions, Log: os.Stderr,
	})
	if err != nil {
		return err
	}
	conditions := fmt.Sprintf("%d connections, %d sessions in each table, medians of %d rounds of %s.", c.Connections,
		c.Sessions, c.Rounds, c.Duration)
	if c.Write {
		if err := report.Write(root, conditions); err != nil {
			return err
		}
	}
	out := os.Stdout
	if c.Output != "-" {
		if out, err = os.Create(c.Output); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, out.Close()) }()
	}
	fmt.Fprintln(out, conditions)
	report.Markdown(out)
	return nil
}
