package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"hookandtag.example/shop/dev/rehearsal"
)

var balancerRequirement = requirement{
	find:     func(context.Context) error { _, err := rehearsal.FindBalancer(); return err },
	packages: [][]string{{"haproxy"}},
}

type failoverCommand struct {
	Shoppers int           `default:"12" help:"How many shop at once; half of them are signed in."`
	Duration time.Duration `default:"15s" help:"How long the quiet before and after each event is."`
	Reaction time.Duration `default:"3s" help:"How long after the crash the standby is promoted."`
}

// Run rehearses the loss of the database's primary.
func (c *failoverCommand) Run(ctx context.Context) error {
	if err := ensure(ctx, postgresRequirement, balancerRequirement); err != nil {
		return err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	report, err := rehearsal.Failover(ctx, rehearsal.Options{Root: root, Shoppers: c.Shoppers, Duration: c.Duration,
		Reaction: c.Reaction, Log: os.Stderr})
	fmt.Print(report)
	return err
}
