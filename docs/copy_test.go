package docs_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheFoldersToCopyAreAllThatAnotherProgramNeeds(t *testing.T) {
	t.Parallel()
	yours := filepath.Join(t.TempDir(), "yours")
	_, section, _ := strings.Cut(read(t, "README.md"), "## Use it in your own program")
	commands := strings.ReplaceAll(strings.Split(section, "```")[1], "../yours", yours)
	run(t, "..", "sh", "-ec", commands)
	run(t, yours, "go", "vet", "./...")
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", "cd .. && "+commands).CombinedOutput(); err == nil {
		t.Errorf("a second copy into the same folder was made: %s", out)
	}
}

// run ends the test with what the command printed if it fails.
func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
