package main

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"hookandtag.example/shop/dev/pg"
	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// played is the command under test, as a separate process.
type played struct {
	cmd    *exec.Cmd
	output *bufio.Reader
	errors *bytes.Buffer
}

// play starts the command with its state in dir, free ports and no other setting.
func play(t *testing.T, dir string, args ...string) *played {
	t.Helper()
	return playWith(t, []string{"DEV_DIR=" + dir, "ADDR=localhost:0", "PROVIDER_ADDR=localhost:0", "LAB_ADDR=127.0.0.1:0"},
		args...)
}

func playWith(t *testing.T, settings []string, args ...string) *played {
	t.Helper()
	p := &played{cmd: exec.Command(os.Args[0], args...), errors: &bytes.Buffer{}}
	for _, kept := range []string{"PATH", "HOME", "TMPDIR", "SHOP_PG_BIN"} {
		if value, set := os.LookupEnv(kept); set {
			settings = append(settings, kept+"="+value)
		}
	}
	p.cmd.Env = append(settings, playVariable+"=1")
	p.cmd.Stderr = p.errors
	output, err := p.cmd.StdoutPipe()
	must(t, err)
	p.output = bufio.NewReader(output)
	must(t, p.cmd.Start())
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		_ = p.cmd.Wait()
	})
	return p
}

// awaitOpen returns the shop's address once the command has printed everything it says at the
// start.
func (p *played) awaitOpen(t *testing.T) (address string) {
	t.Helper()
	address, _ = p.awaitBoth(t)
	return address
}

// awaitBoth returns the shop's and the lab twin's address.
func (p *played) awaitBoth(t *testing.T) (address, twin string) {
	t.Helper()
	for {
		line, err := p.output.ReadString('\n')
		if err != nil {
			_ = p.cmd.Wait()
			t.Fatalf("it ended without opening: %v\n%s", err, p.errors)
		}
		if at, ok := strings.CutPrefix(line, "Hook & Tag is open: "); ok {
			address = strings.TrimSpace(at)
		}
		if at, ok := strings.CutPrefix(line, "  Weak twin   "); ok {
			twin, _, _ = strings.Cut(at, " ")
		}
		if strings.Contains(line, "Ctrl-C") {
			return address, twin
		}
	}
}

// openDir is a temporary directory that PostgreSQL's own account may enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o711))
	return dir
}

func TestRunOpensTheShopAndStopsItAll(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	first := play(t, dir)
	address, twin := first.awaitBoth(t)
	for _, at := range []string{address + "/readyz", twin + "/healthz"} {
		answer, err := http.Get(at)
		must(t, err)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s says %s", at, answer.Status)
		}
	}

	rows, err := play(t, dir, "psql", "-Atc", "select count(*) > 0 from goose_db_version").output.ReadString('\n')
	if err != nil || rows != "t\n" {
		t.Errorf("psql beside the shop: %q, %v", rows, err)
	}

	second := play(t, dir)
	if err := second.cmd.Wait(); err == nil ||
		!strings.Contains(second.errors.String(), "already running: the shop at "+address) {
		t.Errorf("the second start ended with %v and says: %s", err, second.errors)
	}

	must(t, first.cmd.Process.Signal(syscall.SIGTERM))
	if err := first.cmd.Wait(); err != nil {
		t.Errorf("stopping: %v\n%s", err, first.errors)
	}
	again, err := pg.Start(t.Context(), pg.Options{Dir: filepath.Join(dir, "postgres")})
	if err != nil {
		t.Fatalf("the database is not free after the end: %v", err)
	}
	must(t, again.Stop(t.Context()))
}

func TestRunStartsItsDatabaseAgain(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	p := play(t, dir)
	address := p.awaitOpen(t)
	first := serverProcess(t, dir)
	must(t, syscall.Kill(first, syscall.SIGKILL))
	shoptest.Eventually(t, "the database is back", func() bool {
		answer, err := http.Get(address + "/readyz")
		must(t, err) // the shop itself goes on
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK && serverProcess(t, dir) != first
	})
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	if err := p.cmd.Wait(); err != nil || !strings.Contains(p.errors.String(), "PostgreSQL ended by itself and is "+
		"started again") {
		t.Errorf("stopping: %v\n%s", err, p.errors)
	}
}

// A disk without room, as initdb would say it.
func TestRunShowsWhatAProgramSaidThatFailed(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	must(t, os.Chmod(filepath.Dir(bin), 0o711))
	must(t, os.Chmod(bin, 0o755))
	script := "#!/bin/sh\ncase $1 in -V|--version) echo 'postgres (PostgreSQL) 15.1';; *) echo 'could not write: No " +
		"space left on device' >&2; exit 3;; esac\n"
	for _, name := range []string{"initdb", "postgres"} {
		must(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755))
	}
	p := &played{errors: &bytes.Buffer{}, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), playVariable+"=1", "SHOP_PG_BIN="+bin, "DEV_DIR="+openDir(t), "ADDR=localhost:0",
		"PROVIDER_ADDR=localhost:0")
	p.cmd.Stderr = p.errors
	if err := p.cmd.Run(); err == nil || !strings.Contains(p.errors.String(), "No space left on device") {
		t.Errorf("it ended with %v and says: %q", err, p.errors)
	}
}

func TestAPsqlThatFailsHasItsOwnCodeAndNoSecondSentence(t *testing.T) {
	t.Parallel()
	p := play(t, openDir(t), "psql", "-c", "select nothing")
	var failed *exec.ExitError
	if err := p.cmd.Wait(); !errors.As(err, &failed) || failed.ExitCode() != 1 ||
		strings.Contains(p.errors.String(), "dev:") {
		t.Errorf("it ended with %v and says: %q", err, p.errors)
	}
}

func TestRunInAFolderWithABlankAndAStrictUmask(t *testing.T) {
	t.Parallel()
	shell := exec.Command("sh", "-c", `umask 027; exec "$0" psql -Atc 'select 42'`, os.Args[0])
	shell.Env = append(os.Environ(), playVariable+"=1", "DEV_DIR="+filepath.Join(openDir(t), "a b", "it's"))
	if out, err := shell.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "42\n") {
		t.Errorf("it ended with %v and says: %s", err, out)
	}
}

func TestAPortTakenAtTheOtherAddressOfLocalhostIsNamed(t *testing.T) {
	t.Parallel()
	for _, ip := range []string{"127.0.0.1", "::1"} {
		taken, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
		if err != nil {
			t.Logf("%s is not here: %v", ip, err)
			continue
		}
		defer taken.Close()
		_, port, _ := net.SplitHostPort(taken.Addr().String())
		d := &development{settings: app.Settings{Listen: app.Listen{Addr: "localhost:" + port}}}
		wantSentence(t, d.listen(), "ADDR", port, "another program", "127.0.0.1")
	}
}

func TestGivenDatabaseAndIssuerReplaceThePrivateOnes(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	p := playWith(t, []string{
		"DEV_DIR=" + dir, "ADDR=localhost:0", "PROVIDER_ADDR=nobody listens here", "LAB_ADDR=",
		"DATABASE_URL=" + postgrestest.Empty(t), "OIDC_ISSUER=http://127.0.0.1:1",
	})
	p.awaitOpen(t)
	made, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(made) != 1 || filepath.Base(made[0]) != "session-keys" {
		t.Errorf("kept in DEV_DIR: %v, %v; want the session key alone", made, err)
	}
}

func TestShortAbsoluteLimitIsEnoughByItself(t *testing.T) {
	t.Parallel()
	p := playWith(t, []string{
		"DEV_DIR=" + t.TempDir(), "ADDR=localhost:0", "PROVIDER_ADDR=localhost:0", "TUTORIAL=off", "SESSION_IDLE=30s",
		"SESSION_ABSOLUTE=2m", "DATABASE_URL=" + postgrestest.URL(t),
	})
	if _, twin := p.awaitBoth(t); twin != "" {
		t.Errorf("the tutorial is off, and the weak twin is at %s", twin)
	}
}

func serverProcess(t *testing.T, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "postgres", "*", "data", "postmaster.pid"))
	if err != nil || len(files) != 1 {
		t.Fatalf("process id files: %v, %v", files, err)
	}
	content, err := os.ReadFile(files[0])
	must(t, err)
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(line)
	must(t, err)
	return pid
}

func TestTakenPortIsNamed(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	addr := listener.Addr().String()
	d := &development{settings: app.Settings{Listen: app.Listen{Addr: addr}}}
	wantSentence(t, d.listen(), "ADDR", addr, "another program")
	if got, want := d.settings.Listen.BaseURL, "http://"+addr; got != want {
		t.Errorf("address for browsers: got %s, want %s", got, want)
	}
}

func TestBrowserAddressOfAListener(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"localhost:8080": "localhost:8080", ":8080": "localhost:8080", "0.0.0.0:80": "localhost:80",
		"[::]:8080": "localhost:8080", "shop.example:80": "shop.example:80",
	} {
		if got := publicHost(addr); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
}

func TestBusyDirectorySaysWhereTheFirstIs(t *testing.T) {
	t.Parallel()
	err := explainBusy(&pg.BusyError{Dir: "/state/postgres", Note: "the shop at http://localhost:8080"})
	wantSentence(t, err, "http://localhost:8080", "/state;", "DEV_DIR", "ADDR=127.0.0.1:", "sign each other out")
}
