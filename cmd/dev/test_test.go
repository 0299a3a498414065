package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestArgumentsReachGoTest(t *testing.T) {
	t.Parallel()
	packages := []string{"shop/cmd/dev", "shop/e2e", "shop/internal/cart"}
	const quick = "test -vet=off -ldflags=-s -timeout=30m -p=4 "
	for _, c := range []struct {
		args     string
		thorough bool
		want     []string
	}{
		{"", false, []string{quick + "-race -skip=" + walkNames() + " shop/internal/cart",
			quick + "-run=" + walkNames() + " " + strings.Join(walkPackages, " "),
			quick + "-parallel=4 shop/e2e shop/cmd/dev"}},
		{"-run Cart -v", false, []string{quick + "-race -run Cart -v shop/internal/cart",
			quick + "-parallel=4 -run Cart -v shop/e2e shop/cmd/dev"}},
		{"-run Cart", true, []string{"test -race -timeout=1h -run Cart ./..."}},
		{"-count=1 ./internal/cart", false, []string{"test -race -timeout=1h -count=1 ./internal/cart"}},
		{"./e2e -run Journey", true, []string{"test -race -timeout=1h ./e2e -run Journey"}},
	} {
		var got []string
		for _, line := range goTestLines(strings.Fields(c.args), packages, c.thorough) {
			got = append(got, strings.Join(line, " "))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q, thorough %t: got %q, want %q", c.args, c.thorough, got, c.want)
		}
	}
}

// A walk that is gone, or is elsewhere, would be looked for in vain.
func TestEachWalkIsWhereItIsLookedFor(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, folder := range walkPackages {
		files, err := filepath.Glob(filepath.Join("../..", folder, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			must(t, err)
			all.Write(text)
		}
	}
	for _, walk := range walks {
		if n := strings.Count(all.String(), "\nfunc "+walk+"(t *testing.T) {"); n != 1 {
			t.Errorf("%s is there %d times, want once", walk, n)
		}
	}
}
