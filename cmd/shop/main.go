// Command shop is the shop in production, and the few commands its operators need.
//
// It holds no login bypass, no demo customers and no database; go run ./cmd/dev has what a newcomer
// needs.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"hookandtag.example/shop/internal/app"
)

// version is set when an image is built; otherwise the build information is printed.
var version string

// commands are what the binary can do. Every flag that stands for a setting is an environment
// variable, too.
type commands struct {
	Serve       serveCommand       `cmd:"" default:"withargs" help:"Run the shop (default). It never migrates and never seeds."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database up to the newest migration. Needs the database's own address, not a pooler's."`
	Seed        seedCommand        `cmd:"" help:"Put the first products into the shop. Only inserts: what is there stays as it is."`
	Sessions    sessionsCommand    `cmd:"" help:"Look after sessions."`
	Customers   customersCommand   `cmd:"" help:"Look after customers."`
	ClientKey   clientKeyCommand   `cmd:"" help:"Print the public half of OIDC_CLIENT_KEY, for the provider."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask the running shop on this machine whether it is well, for containers without a shell."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

func main() {
	// The collector runs when the heap has doubled, which one as small as the shop's does many times a
	// second. Memory that nobody touches counts as heap and takes none.
	ballast := make([]byte, 16<<20)
	defer runtime.KeepAlive(ballast)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.LookupEnv, streams{os.Stdout, os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// streams are where a command writes: what was asked for, and what is written down about it.
type streams struct{ out, audit io.Writer }

// run does what args say, with settings from args and env.
func run(ctx context.Context, args []string, env app.Environment, to streams) error {
	var c commands
	helped := false
	parser, err := kong.New(&c, app.Parsing(env), kong.Name("shop"),
		kong.Description("Hook & Tag, a cloakroom shop. To try it with everything set up: go run ./cmd/dev"),
		kong.Writers(to.out, to.out), kong.Exit(func(int) { helped = true }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(to.out, (*io.Writer)(nil)), kong.Bind(newAuditLog(to.audit)))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if helped {
		return nil
	}
	if err != nil {
		return err
	}
	return parsed.Run()
}

type serveCommand struct {
	app.Settings
}

// notice is how long a stopping shop serves on, unready, so that a load balancer sends nobody new
// before it stops listening.
const notice = 2 * time.Second

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context) error {
	return app.Run(ctx, c.Settings, app.Options{Version: buildVersion(), Notice: notice})
}

type versionCommand struct{}

// Run prints the version.
func (c *versionCommand) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, "shop", buildVersion())
	return err
}

// buildVersion is the version set at build time, or what the build knows of itself: a module's
// version or a commit.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	found := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (found == "" || found == "(devel)") {
			found = s.Value
		}
	}
	if found == "" {
		return "unknown"
	}
	return found
}
