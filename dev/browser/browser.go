// Package browser is what tests need of browsers: it finds a Chromium that runs without a screen,
// and knows where an answer leads.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"time"
)

// ErrNotFound is what a search without result returns; its text is one sentence for people.
var ErrNotFound = errors.New(missingSentence(runtime.GOOS))

// answerLimit is how long a browser may take to say its version; the first start on a slow disk
// takes seconds.
const answerLimit = 30 * time.Second

// Find returns the path of a browser that starts. CHROME, when set, is the only one tried.
// Otherwise these are Chrome and Chromium on PATH and where macOS keeps its applications, and last
// the headless shell, which lacks the back/forward cache.
func Find(ctx context.Context) (string, error) { return preferring(full, shells).find(ctx) }

// FindQuick is like Find, but prefers the headless shell, which needs a third of the processor
// time.
func FindQuick(ctx context.Context) (string, error) { return preferring(shells, full).find(ctx) }

// FindShell returns the path of a headless shell that starts. CHROME, when set, is the only one
// tried.
func FindShell(ctx context.Context) (string, error) { return preferring(shells, nil).find(ctx) }

var (
	full = []string{
		"google-chrome",
		"google-chrome-stable",
		"chromium",
		"chromium-browser",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
	}
	shells = []string{"chromium-headless-shell", "chrome-headless-shell", "headless-shell", "headless_shell"}
)

func preferring(first, second []string) search {
	return search{explicit: os.Getenv("CHROME"), names: slices.Concat(first, second)}
}

// search is what to try; tests try other things.
type search struct {
	explicit string
	names    []string // programs on PATH, or whole paths
}

func (s search) find(ctx context.Context) (string, error) {
	if s.explicit != "" {
		path, err := exec.LookPath(s.explicit)
		if err != nil || !starts(ctx, path) {
			return "", fmt.Errorf("CHROME names %s, which is no browser that starts", s.explicit)
		}
		return path, nil
	}
	for _, name := range s.names {
		if path, err := exec.LookPath(name); err == nil && starts(ctx, path) {
			return path, nil
		}
	}
	return "", ErrNotFound
}

// starts reports whether the program is a browser, and not a stub that only asks to install one, as
// in Ubuntu.
func starts(ctx context.Context, path string) bool {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	return exec.CommandContext(ctx, path, "--version").Run() == nil
}

func missingSentence(system string) string {
	how := "Google Chrome, Chromium or chromium-headless-shell"
	if system == "darwin" {
		how = "Google Chrome (`brew install --cask google-chrome`)"
	}
	return "no headless browser was found: install " + how + ", or let CHROME name its program"
}
