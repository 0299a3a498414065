package pg

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who runs the server: PostgreSQL refuses to run as root. A nil account means ourselves.
type account struct {
	name     string
	uid, gid uint32
}

// serverAccount returns nil, or as root the account postgres, or else nobody.
func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, knownToSystem()
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		if entry, err := user.Lookup(name); err == nil {
			return newAccount(entry)
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no account postgres or nobody to run it as: " +
		"run this as a normal user")
}

// knownToSystem returns an error when this process's uid has no name: initdb would fail without
// saying what to do.
func knownToSystem() error {
	if _, err := user.LookupId(strconv.Itoa(os.Geteuid())); err != nil {
		return fmt.Errorf("PostgreSQL does not run as uid %d because the system knows no account of that number: run this "+
			"as a user of the system", os.Geteuid())
	}
	return nil
}

func newAccount(entry *user.User) (*account, error) {
	uid, badUID := strconv.ParseUint(entry.Uid, 10, 32)
	gid, badGID := strconv.ParseUint(entry.Gid, 10, 32)
	return &account{name: entry.Username, uid: uint32(uid), gid: uint32(gid)}, errors.Join(badUID, badGID)
}

// credential is what makes a child process run as a; nil leaves it as it is.
func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// MakeReachable makes dir and what is missing above it so that PostgreSQL's own account, which it
// has where we are root, may enter, whatever the umask.
func MakeReachable(dir string) error {
	var made []string
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil {
			break
		}
		made = append(made, at)
	}
	if err := os.MkdirAll(dir, 0o711); err != nil || os.Geteuid() != 0 {
		return err
	}
	for _, dir := range made {
		if err := os.Chmod(dir, 0o711); err != nil {
			return err
		}
	}
	return nil
}

// TempDir makes a temporary directory below parent that PostgreSQL's own account may enter: the
// mode of MkdirTemp keeps it out.
func TempDir(parent, pattern string) (string, error) {
	dir, err := os.MkdirTemp(parent, pattern)
	if err != nil {
		return "", fmt.Errorf("make a temporary directory: %w", err)
	}
	return dir, os.Chmod(dir, 0o711)
}

// makeDir makes dir, private to a.
func (a *account) makeDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make PostgreSQL's directory: %w", err)
	}
	if a == nil {
		return nil
	}
	if err := os.Chown(dir, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("hand PostgreSQL's directory to %s: %w", a.name, err)
	}
	return nil
}

// mayReach says in one sentence which directory keeps a out of dir.
func (a *account) mayReach(dir string) error {
	if a == nil {
		return nil
	}
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return fmt.Errorf("look at PostgreSQL's directory: %w", err)
		}
		owner, known := info.Sys().(*syscall.Stat_t)
		if info.Mode().Perm()&0o001 == 0 && !(known && owner.Uid == a.uid) {
			return fmt.Errorf("PostgreSQL runs as %s, which may not enter %s: choose another directory (DEV_DIR), or `chmod "+
				"o+x %q`", a.name, at, at)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}
