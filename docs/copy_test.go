package docs_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheFoldersToCopyAreAllThatAnotherProgramNeeds(t *testing.T) {
	t.Parallel()
	_, section, _ := strings.Cut(read(t, "README.md"), "## Use it in your own program")
	printed := strings.Split(section, "```")[1]
	into := func(yours, commands string) string { return strings.ReplaceAll(commands, "../yours", yours) }

	yours := filepath.Join(t.TempDir(), "yours")
	run(t, "..", "sh", "-ec", into(yours, printed))
	run(t, yours, "go", "vet", "./...")
	if exec.CommandContext(t.Context(), "sh", "-c", "cd .. && "+into(yours, printed)).Run() == nil {
		t.Error("a folder that was there was copied into")
	}

	withProvider := filepath.Join(t.TempDir(), "yours")
	run(t, "..", "sh", "-ec", into(withProvider,
		strings.Replace(printed, "internal/text", "internal/text internal/auth internal/customer", 1)))
	run(t, withProvider, "go", "vet", "./...")
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
