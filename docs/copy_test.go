package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheFoldersToCopyAreAllThatAnotherProgramNeeds(t *testing.T) {
	t.Parallel()
	yours := t.TempDir()
	_, section, _ := strings.Cut(read(t, "README.md"), "## Use it in your own program")
	commands := strings.Split(section, "```")[1]
	run(t, "..", "sh", "-ec", strings.ReplaceAll(commands, "../yours", yours))

	toYours := strings.NewReplacer("hookandtag.example/shop", "yours.example/program")
	for _, file := range []string{"go.mod", "go.sum"} {
		text := []byte(toYours.Replace(read(t, file)))
		if err := os.WriteFile(filepath.Join(yours, filepath.Base(file)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, yours, "go", "vet", "./...")
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
