package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"hookandtag.example/shop/internal/dev/audit"
	"hookandtag.example/shop/internal/dev/pg"
)

type auditCommand struct {
	Only string `help:"Run only the mutations whose name begins with this, as in auth-token/ or auth-token/nonce."`
	New  bool   `help:"Run only the mutations that the report tells nothing of yet, as after an interruption."`
}

// Run takes one check after another out of the shop, runs the tests without it, and writes docs/audit.md. It fails when a check can be
// taken out unnoticed or a mutation does not fit the code any more.
func (c *auditCommand) Run(ctx context.Context) (err error) {
	if err := ensure(ctx, postgresMeans); err != nil {
		return err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	all, err := audit.List(root)
	if err != nil {
		return err
	}
	server, err := pg.StartTemporary(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(databaseStop, server.Stop)) }()
	report := filepath.Join(root, "docs", "audit.md")
	before, err := os.ReadFile(report)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	a := auditing{file: report, all: all, told: audit.Parse(all, string(before))}
	a.runner = audit.Runner{Root: root, Environment: []string{"SHOP_TEST_DSN=" + server.URL("postgres")}, Last: a.told}
	return a.run(ctx, c.chosen(all, a.told))
}

// chosen are the mutations to run, in the order of the list.
func (c *auditCommand) chosen(all []audit.Mutation, told map[string]audit.Result) (chosen []audit.Mutation) {
	for _, m := range all {
		r, known := told[m.Name]
		if strings.HasPrefix(m.Name, c.Only) && !(c.New && known && !r.Fault()) {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// auditing is one run of the audit.
type auditing struct {
	runner audit.Runner
	file   string // the report
	all    []audit.Mutation
	told   map[string]audit.Result // by name, of this run and of earlier ones
}

// run writes the report after each mutation, so that an interrupted run can be taken up with --new.
func (a auditing) run(ctx context.Context, chosen []audit.Mutation) error {
	fmt.Printf("%d of %d mutations; first, are the tests green as they are?\n", len(chosen), len(a.all))
	if err := a.runner.Sound(ctx, chosen); err != nil {
		return err
	}
	var faults []string
	for i, m := range chosen {
		result, err := a.runner.Run(ctx, m)
		if err != nil {
			return err
		}
		a.told[m.Name] = result
		fmt.Printf("%3d/%d %5.1fs %s\n", i+1, len(chosen), result.Took.Seconds(), result)
		if result.Fault() {
			faults = append(faults, m.Name)
		}
		if err := os.WriteFile(a.file, []byte(audit.Report(a.all, a.told)), 0o644); err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d of %d are faults of the tests or of the list: %s", len(faults), len(chosen), strings.Join(faults, ", "))
	}
	fmt.Printf("every one of them as it should be; the report is %s\n", a.file)
	return nil
}

// moduleRoot is where go.mod stands.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("ask Go for the module: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}
