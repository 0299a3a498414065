package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"hookandtag.example/shop/dev/pg"
)

type testCommand struct {
	Args []string `arg:"" optional:"" help:"Passed to go test; ./... is added when no package is named."`
}

// Run runs go test with everything the tests need; go test's exit code is ours.
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
	server, err := pg.StartTemporary(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(databaseStop, server.Stop)) }()
	return goTest(ctx, c.Args, "SHOP_TEST_DSN="+server.URL("postgres"), "CGO_ENABLED=1")
}

func goTest(ctx context.Context, args []string, environment ...string) error {
	cmd := exec.CommandContext(ctx, "go", goTestArgs(args)...)
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

// testTimeout gives each package more than go test's 10 minutes: the browser tests take about as
// long on two cores.
const testTimeout = "-timeout=30m"

// goTestArgs adds every package, unless args name some.
func goTestArgs(args []string) []string {
	all := append([]string{"test", "-race", testTimeout}, args...)
	for _, arg := range args {
		if strings.HasPrefix(arg, "./") || arg == "." || strings.HasSuffix(arg, "...") {
			return all
		}
	}
	return append(all, "./...")
}
