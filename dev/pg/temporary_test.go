package pg

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTemporaryServerRemovesItsFiles(t *testing.T) {
	t.Parallel()
	s, err := StartTemporary(t.Context(), nil)
	must(t, err)
	connect(t, s.URL("postgres"))
	must(t, s.Stop(t.Context()))
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("the files are still there: %v", err)
	}
}

func TestSweepRemovesOnlyWhatNobodyOwns(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	long := time.Now().Add(-time.Hour)
	for _, name := range []string{"abandoned", "owned", "young"} {
		must(t, os.Mkdir(filepath.Join(parent, name), 0o700))
	}
	claim, err := claimDir(filepath.Join(parent, "owned"), "")
	must(t, err)
	defer claim.Close()
	for _, name := range []string{"abandoned", "owned"} {
		must(t, os.Chtimes(filepath.Join(parent, name), long, long))
	}
	sweep(parent)
	left, err := filepath.Glob(filepath.Join(parent, "*"))
	must(t, err)
	if len(left) != 2 || filepath.Base(left[0]) != "owned" || filepath.Base(left[1]) != "young" {
		t.Errorf("left: %v", left)
	}
}
