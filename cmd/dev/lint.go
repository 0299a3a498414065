package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The versions of the checkers. They are run by version instead of standing in go.mod, so that the
// shop's own list of libraries stays the list of what is in the shop.
const (
	staticcheck = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"
	govulncheck = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"
	composeGo   = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2" // what docker compose itself reads files with
)

type lintCommand struct{}

// providers are the build tags of tests that need Docker or a foreign provider.
const providers = "compose,keycloak,oidcprovider"

// check is one step of lint.
type check struct {
	name string
	run  func(context.Context) error
}

// Run runs every check, also after one has failed.
func (c *lintCommand) Run(ctx context.Context) error {
	checks := []check{
		{"gofmt", gofmt},
		{"go mod tidy", command(nil, "go", "mod", "tidy", "-diff")},
		{"go vet", command(nil, "go", "vet", "./...")},
		{"go vet (GOOS=darwin)", command([]string{"GOOS=darwin", "CGO_ENABLED=0"}, "go", "vet", "./...")},
		{"go vet (-tags " + providers + ")", command(nil, "go", "vet", "-tags="+providers, "./deploy/...")},
		{"go vet (-tags looks,browsers)", command(nil, "go", "vet", "-tags=looks,browsers", "./e2e")},
		{"staticcheck", command(nil, "go", "run", staticcheck, "./...")},
		{"govulncheck", vulncheck},
		{"alert rules", promtool},
		{"compose.scale.yaml", quietly("go", "run", composeGo, "compose.scale.yaml")},
		{"compose.observe.yaml", quietly("go", "run", composeGo, "docker-compose.yml", "compose.observe.yaml")},
	}
	var failed []string
	for _, c := range checks {
		fmt.Println("==", c.name)
		if err := c.run(ctx); err != nil {
			fmt.Println(err)
			failed = append(failed, c.name)
		}
	}
	if len(failed) > 0 {
		return errors.New("lint failed: " + strings.Join(failed, ", "))
	}
	return nil
}

func command(environment []string, line ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		cmd := exec.CommandContext(ctx, line[0], line[1:]...)
		cmd.Env = append(os.Environ(), environment...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		return cmd.Run()
	}
}

// promtool reads Prometheus's files and tries the alerts where Prometheus's own checker is
// installed; it is too large to build for this.
func promtool(ctx context.Context) error {
	if _, err := exec.LookPath("promtool"); err != nil {
		fmt.Println("not run: promtool was not found (Debian: `apt-get install prometheus`)")
		return nil
	}
	return errors.Join(quietly("promtool", "check", "config", "deploy/observe/prometheus.yml")(ctx),
		quietly("promtool", "test", "rules", "deploy/observe/alerts.test.yaml")(ctx))
}

// quietly is command for a program whose output matters only when it fails.
func quietly(line ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		out, err := exec.CommandContext(ctx, line[0], line[1:]...).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w:\n%s", err, bytes.TrimSpace(out))
		}
		return err
	}
}

// gofmt fails when a file is not formatted, and names it.
func gofmt(ctx context.Context) error {
	program, err := exec.LookPath("gofmt")
	if err != nil {
		root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
		if err != nil {
			return fmt.Errorf("ask Go where it is: %w", err)
		}
		program = filepath.Join(string(bytes.TrimSpace(root)), "bin", "gofmt")
	}
	unformatted, err := exec.CommandContext(ctx, program, "-l", ".").CombinedOutput()
	if err == nil && len(unformatted) > 0 {
		err = errors.New("not formatted")
	}
	if err != nil {
		return fmt.Errorf("%w:\n%s", err, bytes.TrimSpace(unformatted))
	}
	return nil
}

// vulncheck passes, and says so, where the database of vulnerabilities is out of reach.
func vulncheck(ctx context.Context) error {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "run", govulncheck, "./...")
	cmd.Stdout, cmd.Stderr = os.Stdout, &said
	err := cmd.Run()
	if err != nil && strings.Contains(said.String(), "fetching vulnerabilities") {
		fmt.Println("not run: its database cannot be reached from here")
		return nil
	}
	_, _ = os.Stderr.Write(said.Bytes())
	return err
}
