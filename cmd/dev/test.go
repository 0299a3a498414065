package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

type testCommand struct {
	Args []string `arg:"" optional:"" help:"Passed to go test; ./... is added when no package is named."`
}

// Run runs go test with everything the tests need. Its exit code is that of the first go test that
// failed.
func (c *testCommand) Run(ctx context.Context) (err error) {
	if err := ensure(ctx, postgresRequirement, browserRequirement, compilerRequirement, curlRequirement,
		opensslRequirement, poolerRequirement); err != nil {
		return err
	}
	if canInstall() && inArchive(ctx)(shellPackage) { // elsewhere the full browser does all, in more time
		if err := ensure(ctx, shellRequirement); err != nil {
			return err
		}
	}
	database, stop, err := testDatabase(ctx)
	if err != nil {
		return err
	}
	defer stop(&err)
	packages, err := allPackages(ctx)
	if err != nil {
		return err
	}
	for _, line := range goTestLines(c.Args, packages, os.Getenv("THOROUGH") != "") {
		// Tests are short: most end before garbage is worth collecting.
		err = errors.Join(err, goTest(ctx, line, database, "CGO_ENABLED=1", "GOGC=400"))
		if ctx.Err() != nil {
			break
		}
	}
	return err
}

// allPackages lists this module's packages.
func allPackages(ctx context.Context) ([]string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages: %w", err)
	}
	return strings.Fields(string(out)), nil
}

func goTest(ctx context.Context, line []string, environment ...string) error {
	cmd := exec.CommandContext(ctx, "go", line...)
	cmd.Env = append(os.Environ(), environment...)
	// A separate process group, so that whatever stops us can stop the test binaries too: go test
	// passes no signal on.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 5 * time.Second
	err := onTerminal(cmd)
	if ctx.Err() != nil && cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what did not heed the interrupt
		return fmt.Errorf("the tests were interrupted: %w", context.Cause(ctx))
	}
	return err
}

// Tests wait for the database and for time limits, and browsers for pages. So more of them run at
// once than there are processors.
const (
	packagesAtOnce = "-p=4"
	pagesAtOnce    = "-parallel=4" // of the browsers
)

// goTestLines returns the arguments of each run of go, one after another. Without packages in args
// these are all. The shop's own packages run with the race detector, but for the walks in them; the
// browser tests and the workshop run without it unless thorough, because it doubles their time and
// the shop in them is the one that the other packages watch. Arguments that choose tests leave the
// walks where they stand. What go vet finds, the command lint reports; what debuggers read is left
// out, which spares a quarter of the linker's time.
func goTestLines(args, packages []string, thorough bool) [][]string {
	raced := append([]string{"test", "-race", "-timeout=1h"}, args...)
	switch {
	case namesPackage(args):
		return [][]string{raced}
	case thorough:
		return [][]string{append(raced, "./...")}
	}
	var own, around []string
	for _, name := range packages {
		switch {
		case strings.Contains(name, "/internal/") || strings.HasSuffix(name, "/cmd/shop"):
			own = append(own, name)
		case path.Base(name) == "e2e": // takes longest
			around = slices.Insert(around, 0, name)
		default:
			around = append(around, name)
		}
	}
	quick := func(flags []string, packages ...string) []string {
		always := []string{"test", "-vet=off", "-ldflags=-s", "-timeout=30m", packagesAtOnce}
		return slices.Concat(always, flags, args, packages)
	}
	rest := quick([]string{pagesAtOnce}, around...)
	if choosesTests(args) {
		return [][]string{quick([]string{"-race"}, own...), rest}
	}
	return [][]string{quick([]string{"-race", "-skip=" + walkNames()}, own...),
		quick([]string{"-run=" + walkNames()}, walkPackages...), rest}
}

func namesPackage(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		return strings.HasPrefix(arg, "./") || arg == "." || strings.HasSuffix(arg, "...")
	})
}

func choosesTests(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return name == "run" || name == "skip" || name == "bench" || name == "fuzz"
	})
}
