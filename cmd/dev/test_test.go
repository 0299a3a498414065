package main

import (
	"slices"
	"strings"
	"testing"
)

func TestArgumentsReachGoTest(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                         "test -race -timeout=30m ./...",
		"-run Cart -v":             "test -race -timeout=30m -run Cart -v ./...",
		"-count=1 ./internal/cart": "test -race -timeout=30m -count=1 ./internal/cart",
		"./e2e -run Journey":       "test -race -timeout=30m ./e2e -run Journey",
	} {
		if got := goTestArgs(strings.Fields(args)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: got %v, want %s", args, got, want)
		}
	}
}
