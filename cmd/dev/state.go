package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"hookandtag.example/shop/dev/pg"
)

// state is the directory in which everything lives that outlasts a run.
type state struct {
	Dir string `name:"dev-dir" env:"DEV_DIR" group:"Development" placeholder:"DIR" help:"Where the private database, the provider's keys and the session key are kept; the user's cache directory when empty."`
}

// open makes the directory and returns its path.
func (s state) open() (string, error) {
	dir := s.Dir
	if dir == "" {
		var err error
		if dir, err = defaultDir(os.Geteuid()); err != nil {
			return "", err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find DEV_DIR: %w", err)
	}
	if os.Geteuid() == 0 {
		err = pg.MakeReachable(dir)
	} else {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return "", fmt.Errorf("make DEV_DIR: %w", err)
	}
	return dir, nil
}

// defaultDir is, for root, a place that the account PostgreSQL runs as can reach too.
func defaultDir(uid int) (string, error) {
	if uid == 0 {
		return "/var/lib/hookandtag", nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no place to keep the database (%w): let DEV_DIR name one", err)
	}
	return filepath.Join(cache, "hookandtag"), nil
}

// startPostgres starts the private PostgreSQL in dir, installing it first where that is ours to do.
func startPostgres(ctx context.Context, dir, note string, log *slog.Logger) (*pg.Server, error) {
	if err := ensure(ctx, postgresRequirement); err != nil {
		return nil, err
	}
	return pg.Start(ctx, pg.Options{Dir: filepath.Join(dir, "postgres"), Note: note, Log: log})
}

// testDatabase starts a PostgreSQL for tests and returns the setting by which they find it. stop
// adds its error to err.
func testDatabase(ctx context.Context) (setting string, stop func(err *error), err error) {
	server, err := pg.StartTemporary(ctx, nil)
	if err != nil {
		return "", nil, err
	}
	return "SHOP_TEST_DSN=" + server.URL("postgres"),
		func(err *error) { *err = errors.Join(*err, within(databaseStop, server.Stop)) }, nil
}

// sessionKeys returns the key stored in dir, made at the first call, so that a restart signs nobody
// out.
func sessionKeys(dir string) (string, error) {
	file := filepath.Join(dir, "session-keys")
	kept, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the session key: %w", err)
	}
	key := rand.Text() + rand.Text()
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the session key: %w", err)
	}
	return key, nil
}
