package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hookandtag.example/shop/dev/bench"
	"hookandtag.example/shop/dev/rehearsal"
)

type failoverCommand struct {
	Shoppers int           `default:"12" help:"How many shop at once; half of them are signed in."`
	Duration time.Duration `default:"15s" help:"How long the quiet before and after each event is."`
	Reaction time.Duration `default:"3s" help:"How long after the crash the standby is promoted."`
}

// Run rehearses the loss of the database's primary.
func (c *failoverCommand) Run(ctx context.Context) error {
	root, err := stageFor(ctx)
	if err != nil {
		return err
	}
	report, err := rehearsal.Failover(ctx, rehearsal.Options{Root: root, Shoppers: c.Shoppers, Duration: c.Duration,
		Reaction: c.Reaction, Log: os.Stderr})
	fmt.Print(report)
	return err
}

type soakCommand struct {
	For      time.Duration `default:"30m" help:"How long shoppers shop. Each fault happens once at least, which takes about three minutes."`
	Shoppers int           `default:"24" help:"How many shop at once; half of them are signed in."`
	Picture  string        `help:"The file for the dashboard's panels over the time of the soak, as SVG."`
	Write    bool          `help:"Put the tables and the picture into docs/operations.md, if nothing was lost."`
}

// soakMark is where docs/operations.md has what a soak said.
const soakMark = "<!-- begin: go run ./cmd/dev soak --write -->\n"

// Run lets shoppers shop while one thing after another breaks.
func (c *soakCommand) Run(ctx context.Context) error {
	root, err := stageFor(ctx, watcherRequirement)
	if err != nil {
		return err
	}
	if c.Write {
		c.Picture = filepath.Join(root, "docs/images/soak.svg")
	}
	report, err := rehearsal.Soak(ctx, rehearsal.Options{Root: root, Shoppers: c.Shoppers, Duration: c.For,
		FullDisk: true, Picture: c.Picture, Log: os.Stderr})
	fmt.Print(report)
	if err != nil || !c.Write {
		return err
	}
	return bench.Put(filepath.Join(root, "docs/operations.md"), soakMark, report)
}

// stageFor looks that a rehearsal has the programs it needs, and returns where the source is.
func stageFor(ctx context.Context, more ...requirement) (root string, err error) {
	if err := ensure(ctx, append(more, postgresRequirement, balancerRequirement, poolerRequirement)...); err != nil {
		return "", err
	}
	return moduleRoot(ctx)
}
