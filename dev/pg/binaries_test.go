package pg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fake makes a directory that looks like an installed PostgreSQL of the given version.
func fake(t *testing.T, dir, version string) string {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s'\n", version)
	must(t, os.WriteFile(filepath.Join(dir, "postgres"), []byte(script), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "initdb"), nil, 0o755))
	real, err := filepath.EvalSymlinks(dir)
	must(t, err)
	return real
}

func TestSearchTakesTheNewestWhereverItIs(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	onPath := fake(t, filepath.Join(root, "path"), "16.2")
	fake(t, filepath.Join(root, "lib/15/bin"), "15.18 (Debian 15.18-0)")
	newest := fake(t, filepath.Join(root, "lib/17/bin"), "17.0")
	fake(t, filepath.Join(root, "lib/9/bin"), "9.6.24")
	fake(t, filepath.Join(root, "lib/14/bin"), "14.9")
	all, err := search{postgres: filepath.Join(onPath, "postgres"), patterns: []string{root + "/lib/*/bin"}}.all()
	must(t, err)
	if len(all) != 3 || all[0] != (Binaries{newest, 17}) || all[1] != (Binaries{onPath, 16}) || all[2].Major != 15 {
		t.Errorf("got %v", all)
	}
}

func TestSearchPrefersPathAmongEquals(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	fake(t, filepath.Join(root, "lib/16/bin"), "16.1")
	onPath := fake(t, filepath.Join(root, "path"), "16.0")
	link := filepath.Join(root, "postgres")
	must(t, os.Symlink(filepath.Join(onPath, "postgres"), link))
	all, err := search{postgres: link, patterns: []string{root + "/lib/*/bin"}}.all()
	must(t, err)
	if all[0].Dir != onPath {
		t.Errorf("got %v first, want %s", all[0], onPath)
	}
}

func TestSearchAsksPGConfig(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	bin := fake(t, filepath.Join(root, "odd/place"), "18.4")
	config := filepath.Join(root, "pg_config")
	must(t, os.WriteFile(config, []byte("#!/bin/sh\necho "+bin+"\n"), 0o755))
	all, err := search{pgConfig: config}.all()
	must(t, err)
	if all[0] != (Binaries{bin, 18}) {
		t.Errorf("got %v", all)
	}
}

func TestClientsOnlyDoNotCount(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	bin := fake(t, filepath.Join(root, "bin"), "17.1")
	must(t, os.Remove(filepath.Join(bin, "initdb")))
	_, err := search{patterns: []string{bin}}.all()
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestExplicitPlaceIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	wanted := fake(t, filepath.Join(root, "wanted"), "15.1")
	fake(t, filepath.Join(root, "newer"), "18.1")
	patterns := []string{root + "/newer"}
	all, err := search{explicit: wanted, patterns: patterns}.all()
	must(t, err)
	if len(all) != 1 || all[0] != (Binaries{wanted, 15}) {
		t.Errorf("got %v", all)
	}
	_, err = search{explicit: root, patterns: patterns}.all()
	if err == nil || !strings.Contains(err.Error(), "SHOP_PG_BIN names "+root) {
		t.Errorf("got %v, want a sentence about SHOP_PG_BIN", err)
	}
}

func TestNotFoundIsOneSentenceThatSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	for _, system := range []string{"linux", "darwin", "freebsd"} {
		if text := missingSentence(system); !strings.Contains(text, "install it") || strings.Contains(text, "\n") {
			t.Errorf("%s: %q", system, text)
		}
	}
}

func TestInstalledClusterDecidesTheVersion(t *testing.T) {
	t.Parallel()
	all := []Binaries{{"/new", 18}, {"/old", 15}}
	dir := t.TempDir()
	if got := preferred(all, dir); got.Major != 18 {
		t.Errorf("without a cluster: got %v", got)
	}
	must(t, os.MkdirAll(filepath.Join(dir, "15", "data"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "15", "data", "PG_VERSION"), []byte("15\n"), 0o600))
	if got := preferred(all, dir); got.Major != 15 {
		t.Errorf("with a cluster of version 15: got %v", got)
	}
}
