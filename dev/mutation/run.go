package mutation

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

const (
	// soundLimit bounds the tests of one package while nothing is taken out.
	soundLimit = 15 * time.Minute
	// leastLimit and slower bound them under a mutation: several times what they took without one. A
	// test that a mutation makes hang counts as red.
	leastLimit = 2 * time.Minute
	slower     = 4
)

// tries is how many tests of a package may fail only now and then before the package counts as
// green.
const tries = 3

// EveryTest is a test binary that crashed or did not end, and so blames no single test.
const EveryTest = "every test"

// Verdict says what became of a mutation.
type Verdict string

// The verdicts. All but Killed and Unseen are faults, of the tests or of a comment.
const (
	Killed   Verdict = "killed"   // a test failed
	Survived Verdict = "SURVIVED" // every test passed without the check
	Unseen   Verdict = "unseen"   // every test passed, as a comment explains
	Seen     Verdict = "SEEN"     // a test failed, though a comment explains why none could
	Invalid  Verdict = "INVALID"  // the code does not compile without the check: its mark stands at the wrong place
)

// Result is what became of one mutation.
type Result struct {
	Mutation
	Verdict Verdict
	By      Test          // the first test to fail
	Note    string        // what the compiler said
	Took    time.Duration // of building and testing
}

// Fault reports whether something has to be done about it.
func (r Result) Fault() bool { return r.Verdict != Killed && r.Verdict != Unseen }

func (r Result) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Name, r.Verdict, r.By.Name, r.Note))
}

// Test names a test.
type Test struct {
	Package string // as in "./internal/auth"
	Name    string // with its subtests, as go test prints it
	Short   bool   // asked without what takes long
}

// Runner runs the tests under mutations.
type Runner struct {
	Root        string            // of the tree; the go command runs there
	Environment []string          // for go test, added to the process's own
	Last        map[string]Result // by the mutation's name: the test that failed the last time is asked first

	took map[string]time.Duration // by package: what Sound measured
}

// Sound fails unless the tests of every package the mutations name pass on the code as it is:
// otherwise a red test would say nothing. How long they take bounds every later run.
func (r *Runner) Sound(ctx context.Context, mutations []Mutation) error {
	r.took = map[string]time.Duration{}
	for _, m := range mutations {
		for _, p := range m.Packages {
			if _, asked := r.took[p]; asked {
				continue
			}
			began := time.Now()
			red, err := r.test(ctx, "", Test{Package: p})
			if err != nil {
				return err
			}
			if red != nil {
				return fmt.Errorf("%s fails in %s before anything is taken out", red.Name, p)
			}
			r.took[p] = time.Since(began)
		}
	}
	return nil
}

// limit returns how long the tests of a package may take: a machine that is slow now was slow while
// Sound measured.
func (r Runner) limit(of string) time.Duration {
	took, measured := r.took[of]
	if !measured {
		return soundLimit
	}
	return max(leastLimit, slower*took)
}

// Run takes one check out and runs the tests. The error is one of the run, never of the mutation.
func (r Runner) Run(ctx context.Context, m Mutation) (result Result, err error) {
	began := time.Now()
	result.Mutation = m
	defer func() { result.Took = time.Since(began) }()
	content, err := m.Apply(r.Root)
	if err != nil {
		return result, err
	}
	dir, err := os.MkdirTemp("", "mutation-")
	if err != nil {
		return result, err
	}
	defer os.RemoveAll(dir)
	overlay, err := Overlay(dir, map[string]string{filepath.Join(r.Root, filepath.FromSlash(m.File)): content})
	if err != nil {
		return result, err
	}
	red, err := r.firstRed(ctx, m, overlay)
	var broken buildError
	switch {
	case errors.As(err, &broken):
		result.Verdict, result.Note = Invalid, broken.Error()
		return result, nil
	case err != nil:
		return result, err
	case red == nil && m.Unseen == "":
		result.Verdict = Survived
	case red == nil:
		result.Verdict = Unseen
	case m.Unseen != "":
		result.Verdict, result.By = Seen, *red
	default:
		result.Verdict, result.By = Killed, *red
	}
	return result, nil
}

// firstRed asks the test that failed the last time, and then all of them.
func (r Runner) firstRed(ctx context.Context, m Mutation, overlay string) (*Test, error) {
	var ask []Test
	if last := r.Last[m.Name].By; last.Name != "" && last.Name != EveryTest {
		ask = append(ask, last)
	}
	for _, p := range m.Packages {
		ask = append(ask, Test{Package: p, Short: true})
	}
	ask = append(ask, Test{Package: m.Packages[0]})
	for _, t := range ask {
		if red, err := r.surelyRed(ctx, overlay, t); red != nil || err != nil {
			return red, err
		}
	}
	return nil, nil
}

// surelyRed believes a red test only when it is red a second time, so that one that fails now and
// then takes no credit. A subtest may be red only after those before it: then the test it is part
// of is asked.
func (r Runner) surelyRed(ctx context.Context, overlay string, t Test) (*Test, error) {
	for range tries {
		red, err := r.test(ctx, overlay, t)
		if red == nil || err != nil || red.Name == EveryTest {
			return red, err
		}
		for again := *red; again.Name != "."; again.Name = path.Dir(again.Name) {
			if second, err := r.test(ctx, overlay, again); second != nil || err != nil {
				return &again, err
			}
		}
	}
	return nil, nil
}

// Overlay writes texts into dir, by the paths of the files they stand in for, and returns the file
// that makes the go command read them, with its flag -overlay.
func Overlay(dir string, texts map[string]string) (file string, err error) {
	aside := map[string]string{}
	for name, text := range texts {
		aside[name] = filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(aside[name], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": aside})
	if err != nil {
		return "", err
	}
	file = filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, list, 0o600)
}

// buildError says that the code under a mutation does not compile.
type buildError string

func (e buildError) Error() string { return "does not compile: " + string(e) }

// test runs the tests of a package until one fails, all of them or the one named, and returns that
// one.
func (r Runner) test(ctx context.Context, overlay string, t Test) (*Test, error) {
	args := []string{"test", "-json", "-count=1", "-failfast", "-vet=off", "-timeout=" + r.limit(t.Package).String()}
	if overlay != "" {
		args = append(args, "-overlay="+overlay)
	}
	if t.Name != "" {
		args = append(args, "-run="+pattern(t.Name))
	}
	if t.Short {
		args = append(args, "-short")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, t.Package)...)
	cmd.Dir, cmd.Env = r.Root, append(os.Environ(), r.Environment...)
	// A separate process group, because go test passes no signal on to the tests.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	result, err := readEvents(out)
	err = errors.Join(err, cmd.Wait())
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case result.build != "":
		return nil, buildError(result.build)
	case result.failed != "":
		return &Test{Package: t.Package, Name: result.failed}, nil
	case result.ended:
		return &Test{Package: t.Package, Name: EveryTest}, nil
	case err != nil:
		return nil, fmt.Errorf("go test %s: %w: %s", t.Package, err, strings.TrimSpace(complaints.String()))
	}
	return nil, nil
}

// outcome is what go test reported of one run.
type outcome struct {
	failed string // the first test that failed, the innermost of its subtests
	build  string // what the compiler said
	ended  bool   // the package failed
}

func readEvents(out io.Reader) (outcome, error) {
	var result outcome
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e struct{ Action, Test, Output, FailedBuild string }
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			continue // not every line a test binary prints is an event
		}
		switch {
		case e.Action == "build-output" && !strings.HasPrefix(e.Output, "#") && result.build == "":
			result.build = strings.TrimSpace(e.Output)
		case e.Action == "fail" && e.Test != "" && result.failed == "":
			result.failed = e.Test
		case e.Action == "fail" && e.Test == "":
			result.ended = true
		}
	}
	return result, lines.Err()
}

// pattern is the -run argument that names one test.
func pattern(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}
