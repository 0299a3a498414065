package mallory_test

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/mallory"
)

func TestAShopOverTLSIsAttackedFromTheMiddle(t *testing.T) {
	t.Parallel()
	site := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(site.Close)
	roots := x509.NewCertPool()
	roots.AddCert(site.Certificate())
	v, err := mallory.New(mallory.Config{Shop: mallory.Target{URL: site.URL, Dial: site.Listener.Addr().String(),
		Roots: roots}, Twin: mallory.Target{URL: "http://127.0.0.1:1"}, TagName: "__Host-tag"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := v.Shop().SwapCertificate(t.Context())
	if err != nil || m.Stolen || !strings.Contains(m.Complaint, "x509") {
		t.Errorf("got %+v, %v; want the client to refuse Mallory's certificate", m, err)
	}
}
