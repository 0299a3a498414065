package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"hookandtag.example/shop/dev/pg"
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
	targets, err := fuzzTargets(".")
	if err != nil {
		return err
	}
	server, err := pg.StartTemporary(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(databaseStop, server.Stop)) }()
	var failed []string
	for _, t := range targets {
		if !strings.HasPrefix(t.name, c.Only) {
			continue
		}
		fmt.Printf("== %s in %s, for %s\n", t.name, t.dir, c.For)
		err := goTest(ctx, t.args(c.For), "SHOP_TEST_DSN="+server.URL("postgres"))
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

var fuzzFunction = regexp.MustCompile(`^func (Fuzz\w+)\(`)

// fuzzTargets finds the targets of the tree, in the order of their files.
func fuzzTargets(root string) (targets []fuzzTarget, err error) {
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		names, err := fuzzFunctions(path)
		for _, name := range names {
			targets = append(targets, fuzzTarget{dir: dir, name: name})
		}
		return err
	})
	slices.SortStableFunc(targets, func(a, b fuzzTarget) int { return strings.Compare(a.dir, b.dir) })
	return targets, err
}

func fuzzFunctions(file string) (names []string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if found := fuzzFunction.FindStringSubmatch(lines.Text()); found != nil {
			names = append(names, found[1])
		}
	}
	return names, lines.Err()
}
