package main

import (
	"slices"
	"testing"
	"time"
)

func TestEveryFuzzTargetIsFound(t *testing.T) {
	t.Parallel()
	targets, err := fuzzTargets("../..", "")
	must(t, err)
	for _, want := range []fuzzTarget{
		{"internal/auth", "FuzzAttemptCookie"}, {"internal/auth", "FuzzCallback"}, {"internal/auth", "FuzzLogoutToken"},
		{"internal/auth", "FuzzReturnTo"},
		{"internal/auth", "FuzzReturn"}, {"internal/auth", "FuzzLogoutClaims"}, {"internal/auth", "FuzzIDToken"},
		{"internal/keyring", "FuzzOpen"}, {"internal/keyring", "FuzzVerify"}, {"internal/session", "FuzzTag"},
		{"internal/storefront", "FuzzForm"}, {"internal/storefront", "FuzzLogoutForm"}, {"internal/storefront", "FuzzReport"},
	} {
		if !slices.Contains(targets, want) {
			t.Errorf("%v is not found", want)
		}
	}
	want := []string{"test", "-timeout=30m", "-run=^$", "-fuzz=^FuzzTag$", "-fuzztime=1m0s",
		"./internal/session"}
	if got := (fuzzTarget{"internal/session", "FuzzTag"}).args(time.Minute); !slices.Equal(got, want) {
		t.Errorf("go %v, want %v", got, want)
	}
}

func TestFuzzTargetsAreChosenByTheBeginningOfTheirNames(t *testing.T) {
	t.Parallel()
	got, err := fuzzTargets("../..", "FuzzTa")
	must(t, err)
	if want := []fuzzTarget{{"internal/session", "FuzzTag"}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, err := fuzzTargets("../..", "FuzzTypo"); err == nil {
		t.Errorf("got %v for a name that no target has, want an error", got)
	}
}
