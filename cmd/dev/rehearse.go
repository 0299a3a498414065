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
	return rehearse(ctx, rehearsal.Failover,
		rehearsal.Options{Shoppers: c.Shoppers, Duration: c.Duration, Reaction: c.Reaction})
}

type soakCommand struct {
	For      time.Duration `default:"30m" help:"How long shoppers shop. Each fault happens once at least, which takes about three minutes."`
	Shoppers int           `default:"24" help:"How many shop at once; half of them are signed in."`
}

// Run lets shoppers shop while one thing after another breaks.
func (c *soakCommand) Run(ctx context.Context) error {
	return rehearse(ctx, rehearsal.Soak,
		rehearsal.Options{Shoppers: c.Shoppers, Duration: c.For, FullDisk: true})
}

func rehearse(ctx context.Context, run func(context.Context, rehearsal.Options) (string, error),
	o rehearsal.Options) (err error) {
	if err := ensure(ctx, postgresRequirement, balancerRequirement, poolerRequirement); err != nil {
		return err
	}
	if o.Root, err = moduleRoot(ctx); err != nil {
		return err
	}
	o.Log = os.Stderr
	report, err := run(ctx, o)
	fmt.Print(report)
	return err
}
