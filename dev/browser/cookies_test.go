package browser_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"hookandtag.example/shop/dev/browser"
)

func TestCookiesAreKeptAndSentOverHTTPUntilTheyAreDeleted(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, line := range r.Header["Set"] {
			w.Header().Add("Set-Cookie", line)
		}
		_, _ = w.Write([]byte(r.Header.Get("Cookie"))) // what was sent is what the test reads
	}))
	t.Cleanup(server.Close)
	c := browser.Cookies{}
	ask := func(given string, set ...string) (sent string, err error) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody) // its address is right
		r.Header["Set"] = set
		if given != "" {
			r.Header.Set("Cookie", given)
		}
		_, sent, err = c.Do(r)
		return sent, err
	}
	for _, step := range []struct {
		given, sent string
		set         []string
	}{
		{set: []string{"tag=1; Secure", "notice=2"}},
		{given: "tag=other", sent: "tag=other", set: []string{"notice=; Max-Age=0"}},
		{sent: "tag=1"},
	} {
		if sent, err := ask(step.given, step.set...); err != nil || sent != step.sent {
			t.Errorf("sent %q (%v), want %q", sent, err, step.sent)
		}
	}
	if want := (browser.Cookies{"tag": "1"}); !maps.Equal(c, want) {
		t.Errorf("kept %v, want %v", c, want)
	}
	if _, err := ask("", "tag=3", "tag=4"); err == nil {
		t.Error("a cookie set twice in one answer is no error (RFC 6265bis 4.1.1)")
	}
}
