package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"hookandtag.example/shop/dev/browser"
	"hookandtag.example/shop/dev/pg"
	"hookandtag.example/shop/dev/process"
)

// requirement is a program from outside that something needs.
type requirement struct {
	// find returns nil when it is there, else one sentence that says what to install.
	find func(context.Context) error
	// packages are Debian's, each the alternatives for one thing, the best first.
	packages [][]string
}

// shellPackage is Debian's headless shell; Ubuntu has none.
const shellPackage = "chromium-headless-shell"

var (
	postgresRequirement = requirement{
		find:     func(context.Context) error { _, err := pg.FindBinaries(); return err },
		packages: [][]string{{"postgresql"}},
	}
	browserRequirement = requirement{
		find:     func(ctx context.Context) error { _, err := browser.Find(ctx); return err },
		packages: [][]string{{"chromium", "chromium-headless-shell"}},
	}
	shellRequirement = requirement{
		find:     func(ctx context.Context) error { _, err := browser.FindShell(ctx); return err },
		packages: [][]string{{shellPackage}},
	}
	compilerRequirement = requirement{find: findCompiler, packages: [][]string{{"gcc"}, {"libc6-dev"}}}
	// What a reader of the tutorial types, which its test types too.
	curlRequirement    = programRequirement("curl", "curl")
	opensslRequirement = programRequirement("openssl", "openssl")

	nodeRequirement     = programRequirement("node", "nodejs")
	npmRequirement      = programRequirement("npm", "npm")
	balancerRequirement = programRequirement("haproxy", "haproxy")
	watcherRequirement  = programRequirement("prometheus", "prometheus")
	poolerRequirement   = programRequirement("pgbouncer", "pgbouncer")
)

// programRequirement is a program that a package of Debian has.
func programRequirement(name, debian string) requirement {
	return requirement{
		find:     func(context.Context) error { _, err := process.Find(name, debian); return err },
		packages: [][]string{{debian}},
	}
}

var errNoCompiler = errors.New("a C compiler with its headers was not found, which the race detector needs: install " +
	"gcc (Debian: `apt-get install gcc libc6-dev`, macOS: `xcode-select --install`)")

// findCompiler asks the compiler that Go would use to read a header.
func findCompiler(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "env", "CC").Output()
	if err != nil {
		return fmt.Errorf("ask Go for its C compiler: %w", err)
	}
	command := strings.Fields(string(out))
	if len(command) == 0 {
		return errNoCompiler
	}
	compiler := exec.CommandContext(ctx, command[0], append(command[1:], "-E", "-x", "c", "-")...)
	compiler.Stdin = strings.NewReader("#include <stdlib.h>\n")
	if compiler.Run() != nil {
		return errNoCompiler
	}
	return nil
}

// ensure returns nil once all of needed are there. What is missing it installs as root on Debian
// and Ubuntu, and elsewhere names, one sentence each.
func ensure(ctx context.Context, needed ...requirement) error {
	missing, err := lacking(ctx, needed)
	if err == nil || !canInstall() {
		return err
	}
	if err := install(ctx, missing); err != nil {
		return err
	}
	_, err = lacking(ctx, needed)
	return err
}

// lacking returns what of needed is missing, and the sentences about it as one error.
func lacking(ctx context.Context, needed []requirement) (missing []requirement, err error) {
	for _, m := range needed {
		if sentence := m.find(ctx); sentence != nil {
			missing, err = append(missing, m), errors.Join(err, sentence)
		}
	}
	return missing, err
}

func canInstall() bool {
	_, noApt := exec.LookPath("apt-get")
	_, notDebian := os.Stat("/etc/debian_version")
	return os.Geteuid() == 0 && noApt == nil && notDebian == nil
}

// clusterSettings is read by Debian's PostgreSQL package when it is installed.
const clusterSettings = "/etc/postgresql-common/createcluster.d/no-main-cluster.conf"

// install prints each line before it runs it.
func install(ctx context.Context, missing []requirement) error {
	if err := apt(ctx, "apt-get", "update"); err != nil {
		return err
	}
	var packages []string
	for _, m := range missing {
		for _, alternatives := range m.packages {
			packages = append(packages, firstOf(alternatives, inArchive(ctx)))
		}
	}
	if err := withoutMainCluster(); err != nil {
		return err
	}
	return apt(ctx, append([]string{"apt-get", "install", "-y", "--no-install-recommends"}, packages...)...)
}

func apt(ctx context.Context, line ...string) error {
	fmt.Fprintln(os.Stderr, "+", strings.Join(line, " "))
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %v", strings.Join(line, " "), err)
	}
	return nil
}

// firstOf is the first of alternatives that there is, or simply the first.
func firstOf(alternatives []string, there func(name string) bool) string {
	for _, name := range alternatives {
		if there(name) {
			return name
		}
	}
	return alternatives[0]
}

// inArchive reports whether this system's archive has a package.
func inArchive(ctx context.Context) func(name string) bool {
	return func(name string) bool { return exec.CommandContext(ctx, "apt-cache", "show", name).Run() == nil }
}

// withoutMainCluster keeps the postgresql package from making and starting a cluster when it is
// installed.
func withoutMainCluster() error {
	if _, err := os.Stat("/etc/postgresql-common"); err == nil {
		return nil
	}
	fmt.Fprintln(os.Stderr, "+ echo create_main_cluster = false >", clusterSettings)
	if err := os.MkdirAll(filepath.Dir(clusterSettings), 0o755); err != nil {
		return fmt.Errorf("prepare PostgreSQL's package: %w", err)
	}
	return os.WriteFile(clusterSettings, []byte("create_main_cluster = false\n"), 0o644)
}
