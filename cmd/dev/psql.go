package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"hookandtag.example/shop/dev/pg"
)

type psqlCommand struct {
	Args []string `arg:"" optional:"" help:"Passed to psql."`
}

// Run opens psql on DATABASE_URL, or on the private database, which it starts when no shop is
// running on it.
func (c *psqlCommand) Run(ctx context.Context, s *state) error {
	if url := os.Getenv("DATABASE_URL"); url != "" {
		return psql(url, "the address in DATABASE_URL", c.Args)
	}
	dir, err := s.open()
	if err != nil {
		return err
	}
	server, err := startPostgres(ctx, dir, "a psql session", slog.Default())
	if busy, ok := errors.AsType[*pg.BusyError](err); ok {
		return psqlBeside(busy, c.Args)
	}
	if err != nil {
		return err
	}
	err = psql(server.URL(pg.Database), server.URL(pg.Database), c.Args)
	return errors.Join(err, within(databaseStop, server.Stop))
}

// psqlBeside opens the database of a shop that is running.
func psqlBeside(busy *pg.BusyError, args []string) error {
	url := busy.URL(pg.Database)
	if url == "" {
		return errors.New("the database is still starting: try again in a moment")
	}
	return psql(url, url, args)
}

// psql opens psql on the database at url, and says called for it where psql is missing.
func psql(url, called string, args []string) error {
	program, err := findPsql()
	if err != nil {
		return fmt.Errorf("psql is not installed here (it comes with PostgreSQL's client programs); while the shop runs, "+
			"any client can use %s", called)
	}
	// Ctrl-C is psql's, which takes it as "cancel this query".
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	cmd := exec.Command(program, append([]string{url}, args...)...)
	cmd.Stdin = os.Stdin
	return onTerminal(cmd)
}

func findPsql() (string, error) {
	if program, err := exec.LookPath("psql"); err == nil {
		return program, nil
	}
	binaries, err := pg.FindBinaries()
	if err != nil {
		return "", err
	}
	return exec.LookPath(filepath.Join(binaries.Dir, "psql"))
}
