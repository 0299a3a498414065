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
	for name, c := range map[string]struct {
		hsts   string
		attack mallory.Attack
		stolen bool
	}{
		"a certificate of Mallory's":   {"", mallory.SwapCertificate, false},
		"http, where HSTS was sent":    {"max-age=63072000", mallory.Downgrade, false},
		"http, where no HSTS was sent": {"", mallory.Downgrade, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.hsts != "" {
					w.Header().Set("Strict-Transport-Security", c.hsts)
				}
				http.SetCookie(w, &http.Cookie{Name: "__Host-tag", Value: "key.token.mac"})
			}))
			t.Cleanup(site.Close)
			roots := x509.NewCertPool()
			roots.AddCert(site.Certificate())
			v, err := mallory.New(mallory.Config{Shop: mallory.Target{URL: site.URL, Dial: site.Listener.Addr().String(),
				Roots: roots}, Twin: mallory.Target{URL: "http://127.0.0.1:1"}, TagName: "__Host-tag"})
			if err != nil {
				t.Fatal(err)
			}
			m, err := v.Shop().InTheMiddle(t.Context(), c.attack)
			if err != nil {
				t.Fatal(err)
			}
			if m.Stolen != c.stolen || m.Stopped == c.stolen || !c.stolen && !strings.Contains(m.Complaint, "x509") {
				t.Errorf("got %+v, want stolen %t", m, c.stolen)
			}
		})
	}
}
