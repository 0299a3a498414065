package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"hookandtag.example/shop/dev/mutation"
)

type mutateCommand struct {
	Only   string `help:"Take out only the checks whose name begins with this, as in internal/auth/idtoken.go."`
	New    bool   `help:"Take out only the checks that the report does not hold yet, as after an interruption."`
	Report string `default:"mutation-report.tsv" help:"The file for the results, one line a check."`
}

// Run takes one check after another out of the shop, runs the tests without it, and writes the
// report. It fails when a check can be taken out unnoticed.
func (c *mutateCommand) Run(ctx context.Context) (err error) {
	if err := ensure(ctx, postgresRequirement); err != nil {
		return err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	all, err := mutation.List(root)
	if err != nil {
		return err
	}
	known, err := c.read()
	if err != nil {
		return err
	}
	chosen, err := c.chosen(all, known)
	if err != nil {
		return err
	}
	database, stop, err := testDatabase(ctx)
	if err != nil {
		return err
	}
	defer stop(&err)
	runner := &mutation.Runner{Root: root, Environment: []string{database}, Last: known}
	return c.takeOut(ctx, runner, all, chosen)
}

// read returns the results of earlier runs, none when there is no report yet.
func (c *mutateCommand) read() (map[string]mutation.Result, error) {
	file, err := os.Open(c.Report)
	if errors.Is(err, os.ErrNotExist) {
		return map[string]mutation.Result{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return mutation.ReadReport(file)
}

// chosen returns the mutations to run, in the order of the list. It fails when no mutation has a
// name that begins with c.Only.
func (c *mutateCommand) chosen(all []mutation.Mutation, known map[string]mutation.Result) (some []mutation.Mutation,
	err error) {
	err = fmt.Errorf("no check has a name that begins with %q", c.Only)
	for _, m := range all {
		if !strings.HasPrefix(m.Name, c.Only) {
			continue
		}
		err = nil
		if r, ran := known[m.Name]; !c.New || !ran || r.Fault() {
			some = append(some, m)
		}
	}
	return some, err
}

// takeOut writes the report after each check, so that an interrupted run can be continued with
// --new.
func (c *mutateCommand) takeOut(ctx context.Context, runner *mutation.Runner, all, chosen []mutation.Mutation) error {
	results := runner.Last
	fmt.Printf("%d of %d checks; first, do the tests pass with all of them in place?\n", len(chosen), len(all))
	if err := runner.Sound(ctx, chosen); err != nil {
		return err
	}
	var faults []string
	for i, m := range chosen {
		result, err := runner.Run(ctx, m)
		if err != nil {
			return err
		}
		results[m.Name] = result
		fmt.Printf("%3d/%d %5.1fs %s\n", i+1, len(chosen), result.Took.Seconds(), result)
		if result.Fault() {
			faults = append(faults, m.Name)
		}
		if err := c.write(all, results); err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d of %d checks can be taken out unnoticed:\n%s", len(faults), len(chosen),
			strings.Join(faults, "\n"))
	}
	fmt.Printf("every missing check made a test fail; the report is %s\n", c.Report)
	return nil
}

func (c *mutateCommand) write(all []mutation.Mutation, results map[string]mutation.Result) error {
	file, err := os.Create(c.Report)
	if err != nil {
		return err
	}
	return errors.Join(mutation.Report(file, all, results), file.Close())
}

// moduleRoot returns the folder of go.mod.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("ask Go for the module: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}
