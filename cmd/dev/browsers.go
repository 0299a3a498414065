package main

import (
	"context"

	"hookandtag.example/shop/dev/browser/driver"
)

type browsersCommand struct {
	Args []string `arg:"" optional:"" help:"Passed to go test."`
}

var (
	firefoxRequirement = requirement{
		find:     func(context.Context) error { _, err := driver.Firefox(); return err },
		packages: [][]string{{"firefox-esr", "firefox"}},
	}
	webkitRequirement = requirement{
		find:     func(context.Context) error { _, _, _, err := driver.WebKit(); return err },
		packages: [][]string{{"webkit2gtk-driver"}, {"libwebkit2gtk-4.1-0"}, {"xvfb"}},
	}
)

// Run makes the journey in each of the browsers.
func (c *browsersCommand) Run(ctx context.Context) error {
	if err := ensure(ctx, postgresRequirement, browserRequirement, firefoxRequirement, webkitRequirement); err != nil {
		return err
	}
	line := append([]string{"test", "-count=1", "-tags=browsers", "-run=InEachBrowser"}, c.Args...)
	return goTest(ctx, append(line, "./e2e"))
}
