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

// A program of one line is quicker to read than this module; what is said of it is the same.
func TestVulnerabilitiesOutOfReachAreNoFailure(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"go.mod": "module one", "main.go": "package main\n\nfunc main() {}\n"} {
		must(t, os.WriteFile(name, []byte(text), 0o600))
	}
	t.Setenv("GOVULNDB", "http://127.0.0.1:1")
	must(t, vulncheck(t.Context()))
}
