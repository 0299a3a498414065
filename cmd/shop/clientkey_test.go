package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/interop"
)

func TestTheClientKeyCommandPrintsThePublicHalfOnly(t *testing.T) {
	t.Parallel()
	private := filepath.Join(t.TempDir(), "client-key.pem")
	key, _ := interop.ClientKey(t)
	if err := os.WriteFile(private, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := command(t, variables(), "client-key", private)
	if err != nil || !strings.Contains(out, `"crv": "P-256"`) || !strings.Contains(out, `"kid": "`) ||
		strings.Contains(out, `"d":`) {
		t.Errorf("%s, %v", out, err)
	}
	if both, err := command(t, variables(), "client-key", private, private); err != nil ||
		strings.Count(both, `"kid"`) != 2 {
		t.Errorf("two keys: %s, %v", both, err)
	}
	for name, file := range map[string]string{"nothing": "", "no key": "main.go", "no file": private + "-not"} {
		if out, err := command(t, variables(), "client-key", file); err == nil || out != "" ||
			strings.Contains(err.Error(), "package main") {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}
