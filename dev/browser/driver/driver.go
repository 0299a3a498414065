// Package driver drives Firefox, by WebDriver BiDi, and WebKitGTK, by WebDriver, with the few
// commands that a journey through the shop needs. Both accept the certificate of any server.
package driver

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"hookandtag.example/shop/dev/process"
)

// Window is a tab of a browser. An error of a command is the browser's or the connection's; a
// script that throws is one too.
type Window interface {
	// Open goes to an address and returns when the page has loaded.
	Open(ctx context.Context, address string) error
	// Run evaluates a JavaScript expression in the page and reads its value, which must be JSON, into
	// value. A promise is waited for.
	Run(ctx context.Context, expression string, value any) error
	// Back presses the Back button. It may return before the page is on screen.
	Back(ctx context.Context) error
	// Resize gives the page's area about this size, in CSS pixels.
	Resize(ctx context.Context, width, height int) error
	// Tab opens another tab of the same browser, with the same cookies.
	Tab(ctx context.Context) (Window, error)
}

const (
	startLimit = time.Minute
	stopLimit  = 5 * time.Second
)

// launch starts a program, which ends with the test, and returns once it is ready by what it has
// printed.
func launch(t testing.TB, command *exec.Cmd, ready func(ctx context.Context, printed string) error) {
	t.Helper()
	output := filepath.Join(t.TempDir(), "output")
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	p, err := process.Serve(ctx, command, nil, output, func(ctx context.Context) error {
		printed, err := os.ReadFile(output)
		return errors.Join(err, ready(ctx, string(printed)))
	})
	must(t, err)
	t.Cleanup(p.Kill)
}

// says is ready once the first group of a pattern is printed, and keeps it.
func says(pattern string, said *string) func(context.Context, string) error {
	line := regexp.MustCompile("(?m)" + pattern + "$")
	return func(_ context.Context, printed string) error {
		found := line.FindStringSubmatch(printed)
		if found == nil {
			return errors.New("it has not said where it can be reached")
		}
		*said = found[1]
		return nil
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
