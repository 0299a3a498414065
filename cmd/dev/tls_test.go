package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// trusting is a client that trusts the authority whose certificate is in dir, and nothing else.
func trusting(t *testing.T, dir string) *http.Client {
	t.Helper()
	certificate, err := os.ReadFile(filepath.Join(dir, "authority.pem"))
	must(t, err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(certificate) {
		t.Fatal("the authority's file holds no certificate")
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
}

func TestTLSServesTheShopUnderTheKeptAuthority(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	address := playWith(t, []string{"DEV_DIR=" + dir, "ADDR=localhost:0", "PROVIDER_ADDR=localhost:0",
		"LAB_ADDR=127.0.0.1:0", "DATABASE_URL=" + postgrestest.URL(t)}, "--tls").awaitOpen(t)
	if !strings.HasPrefix(address, "https://localhost:") {
		t.Fatalf("the shop is at %s, want https", address)
	}
	answer, err := trusting(t, dir).Get(address + "/cookies")
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	if answer.StatusCode != http.StatusOK || !strings.Contains(string(body), "__Host-tag") {
		t.Errorf("%d without the name of a Secure cookie", answer.StatusCode)
	}
}

func TestTheAuthorityIsMadeOnceAndKeptForItsOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := openAuthority(dir)
	must(t, err)
	again, err := openAuthority(dir)
	must(t, err)
	if !first.cert.Equal(again.cert) || !first.key.Equal(again.key) {
		t.Error("the second start has another authority, which nobody trusts yet")
	}
	info, err := os.Stat(first.keyFile())
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v, want it for its owner only", info.Mode())
	}
}

func TestTheAuthoritySpeaksForThisMachineOnly(t *testing.T) { // RFC 5280 4.2.1.10
	t.Parallel()
	a, err := openAuthority(t.TempDir())
	must(t, err)
	for host, want := range map[string]bool{"localhost": true, "idp.localhost": true, "127.0.0.1": true,
		"shop.example": false, "192.0.2.1": false} {
		config, err := a.serving(host)
		must(t, err)
		leaf, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
		must(t, err)
		_, err = leaf.Verify(x509.VerifyOptions{Roots: a.pool(), DNSName: host})
		if (err == nil) != want {
			t.Errorf("a certificate for %s is good: %v (%v), want %v", host, err == nil, err, want)
		}
	}
}

func TestHowToTrustNamesTheFile(t *testing.T) {
	t.Parallel()
	a := &authority{file: "/some/authority.pem"}
	for _, system := range []string{"darwin", "linux"} {
		if how := a.howToTrust(system); !strings.Contains(how, a.file) {
			t.Errorf("%s: %s", system, how)
		}
	}
}
