package docs_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// walkTime is how long all commands of the page may take together, on a busy machine.
const walkTime = 2 * time.Minute

// terminal is a bash that runs one block after the other.
type terminal struct {
	in  io.Writer
	out *bufio.Scanner
}

// differences are what the reader's terminal has and ours has not. `go run ./cmd/dev` would only
// ask again and again whether the command is still the same, and waiting is moving every moment
// that the database knows into the past.
const differences = `
exec 2>&1
go() {
  [ "$1 $2" = "run ./cmd/dev" ] || { echo "the test does not know: go $*"; return 1; }
  shift 2
  "$DEV" "$@"
}
sleep() {
  db -qc "UPDATE sessions SET created = created - d, last_used = last_used - d, absolute_end = absolute_end - d,
    sweep_after = sweep_after - d, auth_time = auth_time - d, issued = issued - d, ended = ended - d
    FROM (SELECT interval '$1 seconds') AS waited (d)"
}
`

// afterBlock is printed after each block.
const afterBlock = "--- the block has ended ---"

func openTerminal(t *testing.T, s *shop, dev string) *terminal {
	t.Helper()
	for _, program := range []string{"bash", "curl", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("the tutorial needs %[1]s, which is not installed here (Debian: apt-get install %[1]s)", program)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), walkTime)
	bash := exec.CommandContext(ctx, "bash", "--noprofile", "--norc")
	bash.Dir, bash.WaitDelay = "..", time.Second
	bash.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir(), "LC_ALL=C.UTF-8",
		"NO_PROXY=*",
		"SHOP=" + s.url, "PROVIDER=" + s.issuer, "DATABASE_URL=" + s.database, "DEV=" + dev}
	in, err := bash.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := bash.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bash.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = bash.Wait() }) // it ends by being killed
	reader := &terminal{in: in, out: bufio.NewScanner(out)}
	if said := reader.run(t, block{text: differences}); said != "" {
		t.Fatalf("bash says %s", said)
	}
	return reader
}

// run returns what a block prints, on either stream.
func (r *terminal) run(t *testing.T, b block) (printed string) {
	t.Helper()
	quoted := "'" + strings.ReplaceAll(b.text, "'", `'\''`) + "'"
	if _, err := fmt.Fprintf(r.in, "eval %s </dev/null\necho; echo '%s'\n", quoted, afterBlock); err != nil {
		t.Fatalf("terminal.md:%d: %v", b.line, err)
	}
	for r.out.Scan() {
		if r.out.Text() == afterBlock {
			return strings.TrimSpace(printed)
		}
		printed += r.out.Text() + "\n"
	}
	t.Fatalf("terminal.md:%d ends the terminal, or the page takes longer than %v; so far it prints\n%s", b.line, walkTime,
		printed)
	return ""
}

// buildDev returns the path of what `go run ./cmd/dev` runs.
func buildDev(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dev")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/dev")
	build.Dir = ".."
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build ./cmd/dev: %v\n%s", err, said)
	}
	return path
}
