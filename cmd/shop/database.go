package main

import (
	"context"
	"fmt"
	"io"

	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres"
)

// databaseFlags open the store, for commands that need nothing else.
type databaseFlags struct {
	app.Database
}

// use runs do on the store and closes it. What is wrong with the database itself is said in an
// operator's words.
func (d databaseFlags) use(ctx context.Context, do func(*postgres.Store) error) error {
	ready, err := d.Resolve()
	if err != nil {
		return err
	}
	store, err := postgres.Open(ctx, ready.URL.Reveal())
	if err != nil {
		return err
	}
	defer store.Close()
	return postgres.Explain(do(store))
}

type migrateCommand struct {
	Database  app.Database  `embed:""`
	Migration app.Migration `embed:""`
	Lessons   app.Lessons   `embed:""`
	GrantTo   string        `env:"GRANT_TO" placeholder:"ROLE" help:"The role the running shop connects as: gets the rights that it needs and loses all others in the schema public, or is refused. It must exist."`
}

// Run migrates the database.
func (c *migrateCommand) Run(ctx context.Context, out io.Writer) error {
	address, err := c.Migration.Address(c.Database)
	if err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, address.Reveal()); err != nil {
		return postgres.Explain(err)
	}
	if _, err = fmt.Fprintln(out, "The database has every migration of this version."); err != nil || c.GrantTo == "" {
		return err
	}
	lessons, err := c.Lessons.On()
	if err != nil {
		return err
	}
	grant := postgres.Grant
	if lessons {
		grant = postgres.GrantWithLessons
	}
	if err := grant(ctx, address.Reveal(), c.GrantTo); err != nil {
		return postgres.Explain(err)
	}
	_, err = fmt.Fprintf(out, "%s may do in the schema public what the running shop does, and no more.\n", c.GrantTo)
	return err
}

type seedCommand struct {
	databaseFlags
}

// Run inserts the products that are missing.
func (c *seedCommand) Run(ctx context.Context, out io.Writer) error {
	return c.use(ctx, func(s *postgres.Store) error {
		inserted, err := s.Seed(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%d products put into the shop; those that were there stay as they are.\n", inserted)
		return err
	})
}
