package main

import (
	"os"
	"strings"
	"testing"
)

func TestUnformattedFileIsNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, os.WriteFile("good.go", []byte("package x\n"), 0o600))
	must(t, gofmt(t.Context()))
	must(t, os.WriteFile("bad.go", []byte("package  x\n"), 0o600))
	err := gofmt(t.Context())
	if err == nil || !strings.Contains(err.Error(), "bad.go") || strings.Contains(err.Error(), "good.go") {
		t.Errorf("got %v, want an error that names bad.go alone", err)
	}
}

func TestVulnerabilitiesOutOfReachAreNoFailure(t *testing.T) {
	t.Setenv("GOVULNDB", "http://127.0.0.1:1")
	must(t, vulncheck(t.Context()))
}
