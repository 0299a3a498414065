package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The versions of the checkers. They are run by version instead of standing in go.mod, so that the shop's own list of
// libraries stays the list of what is in the shop.
const (
	staticcheck = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"
	govulncheck = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"
)

// vulnerabilities is the database that govulncheck asks, unless GOVULNDB names another.
const vulnerabilities = "https://vuln.go.dev"

type lintCommand struct{}

// check is one step of lint.
type check struct {
	name string
	run  func(context.Context) error
}

// Run runs every check, also after one has failed.
func (c *lintCommand) Run(ctx context.Context) error {
	checks := []check{
		{"gofmt", gofmt},
		{"go vet", command(nil, "go", "vet", "./...")},
		{"go vet (GOOS=darwin)", command([]string{"GOOS=darwin", "CGO_ENABLED=0"}, "go", "vet", "./...")},
		{"staticcheck", command(nil, "go", "run", staticcheck, "./...")},
		{"govulncheck", vulncheck},
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
	database := os.Getenv("GOVULNDB")
	if database == "" {
		database = vulnerabilities
	}
	if strings.HasPrefix(database, "http") && !reachable(ctx, database+"/index/db.json") {
		fmt.Println("not run:", database, "cannot be reached from here")
		return nil
	}
	return command(nil, "go", "run", govulncheck, "./...")(ctx)
}

func reachable(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
