package pg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Temporary is a server for tests, whose files go when it stops.
type Temporary struct {
	*Server
	dir string
}

const memoryDir = "/dev/shm"

// StartTemporary starts a server for tests on temporary files: in memory where at least 512 MB are
// free there, else in the temporary directory. What killed test runs left behind is removed first.
func StartTemporary(ctx context.Context, log *slog.Logger) (*Temporary, error) {
	parent := filepath.Join(temporaryParent(), "hookandtag-test-"+strconv.Itoa(os.Geteuid()))
	if err := makeOwnParent(parent); err != nil {
		return nil, err
	}
	sweep(parent)
	dir, err := TempDir(parent, "")
	if err != nil {
		return nil, err
	}
	server, err := Start(ctx, Options{Dir: dir, ForTests: true, Log: log})
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return &Temporary{Server: server, dir: dir}, nil
}

// Stop ends the server immediately and removes its files.
func (t *Temporary) Stop(ctx context.Context) error {
	return errors.Join(t.Server.Stop(ctx), os.RemoveAll(t.dir))
}

func temporaryParent() string {
	const enough = 512 << 20
	var fs syscall.Statfs_t
	if syscall.Statfs(memoryDir, &fs) == nil && uint64(fs.Bavail)*uint64(fs.Bsize) >= enough {
		return memoryDir
	}
	return os.TempDir()
}

// makeOwnParent makes parent, or refuses one that somebody else put there.
func makeOwnParent(parent string) error {
	if err := MakeReachable(parent); err != nil {
		return fmt.Errorf("make a directory for test servers: %w", err)
	}
	info, err := os.Lstat(parent)
	if err != nil {
		return fmt.Errorf("look at the directory for test servers: %w", err)
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !known || int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to somebody else: remove it", parent)
	}
	return nil
}

// sweep removes the directories below parent that nobody owns any more. One that is younger than a
// minute may not have been claimed yet.
func sweep(parent string) {
	entries, _ := os.ReadDir(parent)
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !entry.IsDir() || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		dir := filepath.Join(parent, entry.Name())
		if claim, err := claimDir(dir, ""); err == nil {
			_ = os.RemoveAll(dir)
			_ = claim.Close()
		}
	}
}
