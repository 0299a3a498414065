package pg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/dev/process"
)

// ownerVariable makes the test binary play another program that owns the server of the directory it
// names.
const ownerVariable = "PG_TEST_OWN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerVariable); dir != "" {
		os.Exit(own(dir))
	}
	code := m.Run()
	_ = os.RemoveAll(madeIn)
	os.Exit(code)
}

// own starts the server of dir, prints its process id and address, and lives until its input ends.
func own(dir string) int {
	s, err := Start(context.Background(), Options{Dir: dir, Note: "the other program"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(s.PID(), s.URL(Database))
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = s.Stop(context.Background())
	return 0
}

// owner is another program that owns a server.
type owner struct {
	cmd       *exec.Cmd
	serverPID int
	url       string
}

func startOwner(t *testing.T, dir string) *owner {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), ownerVariable+"="+dir)
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	must(t, err)
	output, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = input.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	must(t, err)
	pid, url, _ := strings.Cut(strings.TrimSpace(line), " ")
	number, err := strconv.Atoi(pid)
	must(t, err)
	return &owner{cmd: cmd, serverPID: number, url: url}
}

// openDir is a temporary directory that the account the server runs as may enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o711))
	return dir
}

// madeDir is an openDir as a first start leaves it: a copy takes a tenth of the time.
func madeDir(t *testing.T) string {
	t.Helper()
	dir := openDir(t)
	must(t, makeOnce())
	if said, err := exec.Command("cp", "-a", madeIn+"/.", dir).CombinedOutput(); err != nil {
		t.Fatalf("copy %s: %v: %s", madeIn, err, said)
	}
	return dir
}

// madeIn is what madeDir copies, or empty.
var madeIn string

var makeOnce = sync.OnceValue(func() (err error) {
	if madeIn, err = TempDir("", "hookandtag-made-"); err != nil {
		return err
	}
	s, err := Start(context.Background(), Options{Dir: madeIn})
	if err != nil {
		return err
	}
	return s.Stop(context.Background())
})

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), Options{Dir: dir})
	must(t, err)
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	must(t, s.Stop(t.Context()))
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// keep commits a row that later starts must still find.
func keep(t *testing.T, url string) {
	t.Helper()
	_, err := connect(t, url).Exec(t.Context(), "create table kept as select 42 as answer")
	must(t, err)
}

func wantKept(t *testing.T, s *Server) {
	t.Helper()
	var answer int
	err := connect(t, s.URL(Database)).QueryRow(t.Context(), "select answer from kept").Scan(&answer)
	if err != nil || answer != 42 {
		t.Fatalf("the committed row: got %d, %v", answer, err)
	}
}

func TestSecondStartKeepsRows(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	first := start(t, dir)
	keep(t, first.URL(Database))
	stop(t, first)
	select {
	case <-first.Done():
	default:
		t.Fatal("Done is open after Stop")
	}
	began := time.Now()
	second := start(t, dir)
	wantKept(t, second)
	t.Logf("second start to first query: %v", time.Since(began))
}

func TestDatabaseIsUTF8WithCaseFoldingBeyondASCII(t *testing.T) {
	t.Parallel()
	s := start(t, openDir(t))
	var encoding, zone, lower string
	err := connect(t, s.URL(Database)).QueryRow(t.Context(),
		"select current_setting('server_encoding'), current_setting('timezone'), lower('Ä')").Scan(&encoding, &zone, &lower)
	must(t, err)
	if encoding != "UTF8" || zone != "UTC" || lower != "ä" {
		t.Errorf("got encoding %s, time zone %s, lower('Ä') = %s", encoding, zone, lower)
	}
}

func TestKilledOwnerAndServerRecover(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	other := startOwner(t, dir)
	keep(t, other.url)
	must(t, syscall.Kill(other.serverPID, syscall.SIGKILL))
	must(t, other.cmd.Process.Kill())
	_ = other.cmd.Wait()
	wantKept(t, start(t, dir))
}

func TestSecondProcessIsToldWhereTheFirstIs(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	other := startOwner(t, dir)
	_, err := Start(t.Context(), Options{Dir: dir})
	var busy *BusyError
	if !errors.As(err, &busy) {
		t.Fatalf("got %v, want a BusyError", err)
	}
	if busy.Note != "the other program" || !strings.Contains(busy.Error(), busy.Note) {
		t.Errorf("got note %q in %q", busy.Note, busy.Error())
	}
	if busy.URL(Database) != other.url {
		t.Errorf("got address %q, want %q", busy.URL(Database), other.url)
	}
	connect(t, busy.URL(Database))
}

// Without a parent-death signal a server lives on when its owner is killed; here only the claim is
// given up.
func TestOrphanedServerIsStoppedFirst(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	orphan := start(t, dir)
	keep(t, orphan.URL(Database))
	must(t, orphan.claim.Close())
	wantKept(t, start(t, dir))
	<-orphan.Done()
}

// A process id file may outlive its process, and the id then belong to something else of the same
// account.
func TestStaleProcessIDOfAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	first := start(t, dir)
	keep(t, first.URL(Database))
	pidFile := filepath.Join(first.data(), "postmaster.pid")
	content, err := os.ReadFile(pidFile)
	must(t, err)
	stop(t, first)

	foreign, err := process.Start(exec.Command("sleep", "600"), first.account.credential())
	must(t, err)
	t.Cleanup(func() { foreign.End(os.Kill) })
	_, rest, _ := strings.Cut(string(content), "\n")
	must(t, os.WriteFile(pidFile, fmt.Appendf(nil, "%d\n%s", foreign.PID, rest), 0o600))
	if first.account != nil {
		must(t, os.Chown(pidFile, int(first.account.uid), int(first.account.gid)))
	}

	wantKept(t, start(t, dir))
	select {
	case <-foreign.Done():
		t.Error("the foreign process was ended")
	default:
	}
}

func TestAProgramThatTheAccountMayNotReachSaysWhoseItWouldBe(t *testing.T) {
	t.Parallel()
	account, err := serverAccount()
	must(t, err)
	if account == nil {
		return // only root runs PostgreSQL as another account
	}
	program := filepath.Join(t.TempDir(), "program") // the test's directory is root's alone
	must(t, os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700))
	_, err = launch(t.Context(), exec.Command(program), account, filepath.Join(t.TempDir(), "log"), nil)
	if err == nil || !strings.Contains(err.Error(), "run this as a normal user") {
		t.Errorf("got %v, want what to do about it", err)
	}
}

func TestChildEnvironmentHasNoForeignSettings(t *testing.T) {
	t.Parallel()
	got := childEnvironment([]string{"PATH=/bin", "PGPORT=1", "PGDATA=/x", "LC_ALL=de_DE", "LANG=de", "LANGUAGE=de",
		"HOME=/h"})
	if want := "LC_ALL=C PATH=/bin HOME=/h"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
