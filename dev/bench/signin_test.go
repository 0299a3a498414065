package bench

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOnlyASignInThatEndsAtTheFrontPageCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		toProvider, back string
		signedIn         bool
	}{
		"by a redirect": {"http://provider.example/authorize?state=s&nonce=n", "/", true},
		"refused":       {"http://provider.example/authorize?state=s&nonce=n", "/login", false},
		"no attempt":    {"/", "/", false},
	} {
		shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			to := c.toProvider
			if r.URL.Path == "/auth/callback" {
				to = c.back
			}
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusSeeOther)
		}))
		defer shop.Close()
		addr := strings.TrimPrefix(shop.URL, "http://")
		conn, err := dial(t.Context(), addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := signIns(addr, 1)(conn, 0); (err == nil) != c.signedIn {
			t.Errorf("%s: got %v, want signed in: %v", name, err, c.signedIn)
		}
	}
}
