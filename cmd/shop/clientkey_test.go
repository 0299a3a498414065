package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheClientKeyCommandPrintsThePublicHalfOnly(t *testing.T) {
	t.Parallel()
	private := filepath.Join(t.TempDir(), "client-key.pem")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := command(t, variables(), "client-key", private)
	if err != nil || !strings.Contains(out, `"crv": "P-256"`) || !strings.Contains(out, `"kid": "`) || strings.Contains(out, `"d":`) {
		t.Errorf("%s, %v", out, err)
	}
	if both, err := command(t, variables(), "client-key", private, private); err != nil || strings.Count(both, `"kid"`) != 2 {
		t.Errorf("two keys: %s, %v", both, err)
	}
	for name, file := range map[string]string{"nothing": "", "no key": "main.go", "no file": private + "-not"} {
		if out, err := command(t, variables(), "client-key", file); err == nil || out != "" || strings.Contains(err.Error(), "package main") {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}
