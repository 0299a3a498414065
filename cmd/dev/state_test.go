package main

import (
	"os"
	"path/filepath"
	"testing"

	"hookandtag.example/shop/internal/keyring"
)

func TestSessionKeyIsMadeOnceAndPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := sessionKeys(dir)
	must(t, err)
	second, err := sessionKeys(dir)
	must(t, err)
	if first != second {
		t.Error("the second start has another key")
	}
	if _, err := keyring.New(first); err != nil {
		t.Errorf("the key is no good: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "session-keys"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file has mode %o", info.Mode().Perm())
	}
}

func TestStateIsInTheCacheButForRootWherePostgresCanGo(t *testing.T) {
	t.Setenv("HOME", "/home/hat")
	t.Setenv("XDG_CACHE_HOME", "")
	cache, err := os.UserCacheDir()
	must(t, err)
	for uid, want := range map[int]string{0: "/var/lib/hookandtag", 1000: filepath.Join(cache, "hookandtag")} {
		if got, err := defaultDir(uid); err != nil || got != want {
			t.Errorf("uid %d: got %s, %v; want %s", uid, got, err, want)
		}
	}
}
