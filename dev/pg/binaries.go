package pg

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// MinMajor is the oldest PostgreSQL the shop runs on.
const MinMajor = 15

// ErrNotFound is what every search that found no PostgreSQL returns; its text is one sentence for
// people.
var ErrNotFound = errors.New(missingSentence(runtime.GOOS))

// Binaries are one installed PostgreSQL server.
type Binaries struct {
	Dir   string // holds initdb and postgres
	Major int    // such as 17
}

// FindBinaries returns the newest PostgreSQL server on this machine. SHOP_PG_BIN, when set, is the
// only place looked at; otherwise these are: postgres on PATH, what pg_config names, and where
// packages put it. A place counts only when it holds both initdb and postgres, of version MinMajor
// or newer.
func FindBinaries() (Binaries, error) {
	all, err := searchHere().all()
	if err != nil {
		return Binaries{}, err
	}
	return all[0], nil
}

func binariesFor(dir string) (Binaries, error) {
	all, err := searchHere().all()
	if err != nil {
		return Binaries{}, err
	}
	return preferred(all, dir), nil
}

// preferred is the newest of all that already has a cluster in dir, so that installing a newer
// PostgreSQL does not make the rows kept by an older one disappear; without a cluster it is the
// newest.
func preferred(all []Binaries, dir string) Binaries {
	for _, b := range all {
		if hasCluster(homeOf(dir, b.Major)) {
			return b
		}
	}
	return all[0]
}

// search is where to look; tests look elsewhere.
type search struct {
	explicit string   // the one place to look, when not empty
	pgConfig string   // the program that names a place, or ""
	postgres string   // a server found on PATH, or ""
	patterns []string // glob patterns of further places
}

func searchHere() search {
	s := search{explicit: os.Getenv("SHOP_PG_BIN"), patterns: []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		"/Library/PostgreSQL/*/bin",
	}}
	s.postgres, _ = exec.LookPath("postgres")
	s.pgConfig, _ = exec.LookPath("pg_config")
	return s
}

// all returns what is installed, newest first.
func (s search) all() ([]Binaries, error) {
	if s.explicit != "" {
		b, ok := inspect(s.explicit)
		if !ok {
			return nil, fmt.Errorf("SHOP_PG_BIN names %s, but there is no PostgreSQL %d or newer there (initdb and postgres)",
				s.explicit, MinMajor)
		}
		return []Binaries{b}, nil
	}
	var found []Binaries
	for _, dir := range s.places() {
		if b, ok := inspect(dir); ok {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		return nil, ErrNotFound
	}
	slices.SortStableFunc(found, func(a, b Binaries) int { return b.Major - a.Major })
	return found, nil
}

// places lists every directory worth a look once, with symbolic links resolved.
func (s search) places() []string {
	var dirs []string
	if real, err := filepath.EvalSymlinks(s.postgres); err == nil && s.postgres != "" {
		dirs = append(dirs, filepath.Dir(real))
	}
	if s.pgConfig != "" {
		if out, err := exec.Command(s.pgConfig, "--bindir").Output(); err == nil {
			dirs = append(dirs, strings.TrimSpace(string(out)))
		}
	}
	for _, pattern := range s.patterns {
		matches, _ := filepath.Glob(pattern)
		dirs = append(dirs, matches...)
	}
	var unique []string
	for _, dir := range dirs {
		if real, err := filepath.EvalSymlinks(dir); err == nil && !slices.Contains(unique, real) {
			unique = append(unique, real)
		}
	}
	return unique
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect reports whether dir holds a server that is new enough.
func inspect(dir string) (Binaries, bool) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return Binaries{}, false
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return Binaries{}, false
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return Binaries{}, false
	}
	major, err := strconv.Atoi(string(match[1]))
	return Binaries{Dir: dir, Major: major}, err == nil && major >= MinMajor
}

func (b Binaries) path(program string) string { return filepath.Join(b.Dir, program) }

// hasExtension reports whether the extension library called name came with this server.
func (b Binaries) hasExtension(name string) bool {
	for _, lib := range []string{"../lib", "../lib/postgresql", "../lib64/pgsql"} {
		matches, _ := filepath.Glob(filepath.Join(b.Dir, lib, name+".*"))
		if len(matches) > 0 {
			return true
		}
	}
	return false
}

func missingSentence(system string) string {
	how := "your system's package, or from https://www.postgresql.org/download"
	switch {
	case system == "darwin":
		how = "`brew install postgresql@17`"
	case isDebian():
		how = "`apt-get install postgresql`"
	}
	return fmt.Sprintf("PostgreSQL %d or newer was not found: install it (%s), or let SHOP_PG_BIN name the directory "+
		"that holds its initdb and postgres", MinMajor, how)
}

func isDebian() bool {
	_, err := os.Stat("/etc/debian_version")
	return err == nil
}
