package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestEverythingMissingIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	there := requirement{find: func(context.Context) error { return nil }}
	hat := requirement{find: func(context.Context) error { return errors.New("no hat: buy one") }}
	coat := requirement{find: func(context.Context) error { return errors.New("no coat: buy one") }}
	missing, err := lacking(t.Context(), []requirement{there, hat, coat})
	if len(missing) != 2 || err == nil || !strings.Contains(err.Error(), "no hat") ||
		!strings.Contains(err.Error(), "no coat") {
		t.Errorf("got %d missing, %v", len(missing), err)
	}
	if err := ensure(t.Context(), there); err != nil {
		t.Errorf("nothing is missing, but got %v", err)
	}
}

func TestEveryMeansSaysWhatToInstall(t *testing.T) {
	t.Setenv("CC", "/no/such/compiler")
	t.Setenv("CHROME", "/no/such/browser")
	t.Setenv("SHOP_PG_BIN", "/no/such/place")
	for part, m := range map[string]requirement{"gcc": compilerRequirement, "CHROME": browserRequirement,
		"SHOP_PG_BIN": postgresRequirement} {
		wantSentence(t, m.find(t.Context()), part)
	}
}

func TestPackageThatTheArchiveLacksIsReplaced(t *testing.T) {
	t.Parallel()
	packages := []string{"small", "large"}
	for there, want := range map[string]string{"small large": "small", "large": "large", "": "small"} {
		if got := firstOf(packages, func(name string) bool { return strings.Contains(there, name) }); got != want {
			t.Errorf("with %q there: got %s, want %s", there, got, want)
		}
	}
}
