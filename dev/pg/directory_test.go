package pg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUnfinishedClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	b, err := FindBinaries()
	must(t, err)
	half := filepath.Join(homeOf(dir, b.Major), "data.new")
	must(t, os.MkdirAll(half, 0o700))
	must(t, os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600))
	connect(t, start(t, dir).URL(Database))
}

func TestPathTooLongForASocketUsesTheTemporaryDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openDir(t), strings.Repeat("long-name-", 12))
	s := start(t, dir)
	if strings.HasPrefix(s.socket, dir) {
		t.Errorf("socket in %s, which is too long", s.socket)
	}
	connect(t, s.URL(Database))
	stop(t, s)
	if _, err := os.Stat(s.socket); !os.IsNotExist(err) {
		t.Errorf("the socket directory is still there: %v", err)
	}
}

func TestTwoDirectoriesAreIndependent(t *testing.T) {
	t.Parallel()
	first, second := start(t, madeDir(t)), start(t, madeDir(t))
	keep(t, first.URL(Database))
	var table *string
	err := connect(t, second.URL(Database)).QueryRow(t.Context(), "select to_regclass('kept')::text").Scan(&table)
	if err != nil || table != nil {
		t.Errorf("the second server has the first one's table: %v, %v", table, err)
	}
}

func TestClosedDirectoryIsNamed(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	inner := filepath.Join(closed, "inner")
	must(t, os.MkdirAll(inner, 0o755))
	must(t, os.Chmod(closed, 0o700))
	err := (&account{name: "somebody", uid: 54321}).mayReach(inner)
	if err == nil || !strings.Contains(err.Error(), closed+":") {
		t.Errorf("got %v, want a sentence that names %s", err, closed)
	}
}
