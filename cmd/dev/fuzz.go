package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

type fuzzCommand struct {
	For  time.Duration `default:"1m" help:"How long each target is tried."`
	Only string        `help:"Try only the targets whose name begins with this, as in FuzzTag."`
}

// Run tries each fuzz target of the tree in turn. What one finds, Go keeps beside the target as a
// seed: from then on every test run tries it too. Without the race detector, for more tries in the
// time.
func (c *fuzzCommand) Run(ctx context.Context) (err error) {
	if err := ensure(ctx, postgresRequirement); err != nil {
		return err
	}
	targets, err := fuzzTargets(".", c.Only)
	if err != nil {
		return err
	}
	database, stop, err := testDatabase(ctx)
	if err != nil {
		return err
	}
	defer stop(&err)
	var failed []string
	for _, t := range targets {
		fmt.Printf("== %s in %s, for %s\n", t.name, t.dir, c.For)
		err := goTest(ctx, t.args(c.For), database)
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			failed = append(failed,
				fmt.Sprintf("%s (what it found is in %s)", t.name, filepath.Join(t.dir, "testdata", "fuzz", t.name)))
		}
	}
	if len(failed) > 0 {
		return errors.New("failed: " + strings.Join(failed, ", "))
	}
	fmt.Println("nothing found")
	return nil
}

// fuzzTarget is one function of a package's tests.
type fuzzTarget struct{ dir, name string }

func (t fuzzTarget) args(duration time.Duration) []string {
	return []string{"test", "-timeout=30m", "-run=^$", "-fuzz=^" + t.name + "$", "-fuzztime=" + duration.String(), "./" +
		filepath.ToSlash(t.dir)}
}

var fuzzFunction = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// fuzzTargets finds the targets of the tree whose names begin with only, in the order of their
// files, and fails when there are none.
func fuzzTargets(root, only string) (targets []fuzzTarget, err error) {
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range fuzzFunction.FindAllSubmatch(text, -1) {
			if name := string(found[1]); strings.HasPrefix(name, only) {
				targets = append(targets, fuzzTarget{dir, name})
			}
		}
		return err
	})
	if err == nil && len(targets) == 0 {
		err = fmt.Errorf("no fuzz target below this folder has a name that begins with %q", only)
	}
	slices.SortStableFunc(targets, func(a, b fuzzTarget) int { return strings.Compare(a.dir, b.dir) })
	return targets, err
}
