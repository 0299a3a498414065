package main

import (
	"slices"
	"strings"
	"testing"
)

func TestArgumentsReachGoTest(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                         "test -race ./...",
		"-run Cart -v":             "test -race -run Cart -v ./...",
		"-count=1 ./internal/cart": "test -race -count=1 ./internal/cart",
		"./e2e -run Journey":       "test -race ./e2e -run Journey",
	} {
		if got := goTestArgs(strings.Fields(args)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: got %v, want %s", args, got, want)
		}
	}
}
