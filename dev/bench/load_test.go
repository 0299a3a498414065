package bench

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheWholeBodyIsReadHoweverItIsSent(t *testing.T) {
	t.Parallel()
	want := strings.Repeat("hook and tag ", 1000)
	for name, flush := range map[string]bool{"with its length": false, "in chunks": true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !flush {
				w.Header().Set("Content-Length", "13000")
			}
			_, _ = w.Write([]byte(want))
		}))
		defer server.Close()
		addr := strings.TrimPrefix(server.URL, "http://")
		c, err := dial(t.Context(), addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		a, err := c.do(newRequest("GET", addr, "/", "", nil, http.StatusOK))
		if err != nil || string(a.body) != want {
			t.Errorf("%s: got %d bytes, %v, want %d", name, len(a.body), err, len(want))
		}
	}
}
