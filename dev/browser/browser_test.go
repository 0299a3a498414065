package browser

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// program makes an executable that ends with the given exit code.
func program(t *testing.T, name, code string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit "+code+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFirstThatStartsIsTaken(t *testing.T) {
	t.Parallel()
	stub, first, second := program(t, "stub", "1"), program(t, "first", "0"), program(t, "second", "0")
	got, err := search{names: []string{"no-such-browser", stub, first, second}}.find(t.Context())
	if err != nil || got != first {
		t.Errorf("got %s, %v; want %s", got, err, first)
	}
}

func TestExplicitBrowserIsTheOnlyOneTried(t *testing.T) {
	t.Parallel()
	other, wanted := program(t, "other", "0"), program(t, "wanted", "0")
	got, err := search{explicit: wanted, names: []string{other}}.find(t.Context())
	if err != nil || got != wanted {
		t.Errorf("got %s, %v; want %s", got, err, wanted)
	}
	_, err = search{explicit: "/no/such/browser", names: []string{other}}.find(t.Context())
	if err == nil || !strings.Contains(err.Error(), "CHROME names /no/such/browser") {
		t.Errorf("got %v, want a sentence about CHROME", err)
	}
}

func TestNoBrowserIsOneSentence(t *testing.T) {
	t.Parallel()
	if _, err := (search{names: []string{"no-such-browser"}}).find(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	for _, system := range []string{"linux", "darwin"} {
		if text := missingSentence(system); !strings.Contains(text, "install") || strings.Contains(text, "\n") {
			t.Errorf("%s: %q", system, text)
		}
	}
}
