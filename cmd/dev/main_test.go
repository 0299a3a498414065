package main

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// playVariable makes the test binary be the command itself.
const playVariable = "DEV_TEST_PLAY"

func TestMain(m *testing.M) {
	if os.Getenv(playVariable) != "" {
		main()
		os.Exit(0)
	}
	postgrestest.Main(m)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantSentence checks that err is one sentence holding every part.
func wantSentence(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want one about %v", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not mention %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is more than one sentence", err)
	}
}

func TestEndsWhenTheParentIsGone(t *testing.T) {
	t.Parallel()
	var parent atomic.Int64
	parent.Store(77)
	ctx, stop := untilInterrupted(func() int { return int(parent.Load()) })
	defer stop()
	if ctx.Err() != nil {
		t.Fatal("ended while the parent was there")
	}
	parent.Store(1)
	<-ctx.Done()
}

func TestLogIsReadableUnlessAskedOtherwise(t *testing.T) {
	t.Setenv("LOG_FORMAT", "")
	if got, _ := developmentEnvironment("LOG_FORMAT"); got != "text" {
		t.Errorf("got %q, want text", got)
	}
	t.Setenv("LOG_FORMAT", "json")
	if got, _ := developmentEnvironment("LOG_FORMAT"); got != "json" {
		t.Errorf("got %q, want json", got)
	}
}
