// Command dev is what a newcomer needs: it runs the shop with a private PostgreSQL and a
// development provider, runs every test, checks the code and opens the database. It needs Go, and
// says in one sentence what else is missing; as root on Debian or Ubuntu it installs that itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"hookandtag.example/shop/internal/app"
)

type commands struct {
	State state `embed:""`

	Run  runCommand  `cmd:"" default:"withargs" help:"Run the shop with everything it needs (default)."`
	Test testCommand `cmd:"" passthrough:"" help:"Run every test, with a real PostgreSQL, a real browser and for the shop the race detector; THOROUGH=1 takes an hour. Arguments go to go test."`
	Lint lintCommand `cmd:"" help:"Check the code: gofmt, go vet, staticcheck, govulncheck."`
	Psql psqlCommand `cmd:"" passthrough:"" help:"Open the private database with psql. Arguments go to psql."`

	Browsers browsersCommand `cmd:"" help:"Make a journey through the shop in Chromium, Firefox and WebKitGTK. Arguments go to go test." passthrough:""`

	Lessons lessonsCommand `cmd:"" help:"Cut the code that lessons show out of the source again, and write the lessons to docs/tutorial."`

	Looks    looksCommand    `cmd:"" help:"Look at every page in both themes, five widths and two text sizes, with axe-core and Lighthouse."`
	Bench    benchCommand    `cmd:"" help:"Measure the shop beside others that do the same work."`
	Failover failoverCommand `cmd:"" help:"Crash the database's primary under load, with three replicas and a standby, and report what shoppers lost."`
	Soak     soakCommand     `cmd:"" help:"Shop for half an hour at 70 % of what the shop can do while one thing after another breaks, and report what shoppers lost."`

	Mutate mutateCommand `cmd:"" help:"Take one check after another out of the shop and see a test fail."`
	Fuzz   fuzzCommand   `cmd:"" help:"Give each fuzz target a minute."`
}

func main() {
	ctx, stop := untilInterrupted(os.Getppid)
	defer stop()
	err := run(ctx, os.Args[1:])
	if err == nil {
		return
	}
	if text := strings.TrimSpace(err.Error()); text != "" {
		fmt.Fprintln(os.Stderr, "dev:", text)
	}
	if failed, ok := errors.AsType[*reportedError](err); ok {
		os.Exit(failed.exit.ExitCode())
	}
	os.Exit(1)
}

// reportedError is the failure of a program that had our terminal and has said there why it failed;
// its text is empty.
type reportedError struct{ exit *exec.ExitError }

func (*reportedError) Error() string { return "" }

// onTerminal runs cmd with our output as its own.
func onTerminal(cmd *exec.Cmd) error {
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.Exited() {
		return &reportedError{failed}
	}
	return err
}

func run(ctx context.Context, args []string) error {
	var c commands
	parser, err := kong.New(&c, kong.Name("dev"),
		kong.Description("Everything for working on Hook & Tag: go run ./cmd/dev"),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)), app.Parsing(developmentEnvironment))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return parsed.Run(&c.State)
}

// within runs stop, which must not hang on what has ended already, with limit to finish in good
// order.
func within(limit time.Duration, stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return stop(ctx)
}

// developmentEnvironment is the process's environment, with readable logs and the tutorial unless
// it says otherwise.
func developmentEnvironment(name string) (string, bool) {
	value, set := os.LookupEnv(name)
	if name == "TUTORIAL" && value == "" {
		return "on", true
	}
	if name == "LOG_FORMAT" && value == "" {
		return "text", true
	}
	return value, set
}

// parentPoll is how often to look for a parent that has gone.
const parentPoll = 200 * time.Millisecond

// untilInterrupted returns a context that ends at the first interrupt, or when the parent process
// is gone: `go run` hands on the terminal's Ctrl-C, but dies of any other signal without a word to
// us. A second interrupt ends us immediately.
func untilInterrupted(parent func() int) (context.Context, func()) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	first := parent()
	go func() {
		ticker := time.NewTicker(parentPoll)
		defer ticker.Stop()
		for ctx.Err() == nil && parent() == first {
			<-ticker.C
		}
		stop()
	}()
	return ctx, stop
}
