package middleware_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/middleware"
)

// compressed answers a request for a body with that Accept-Encoding.
func compressed(t testing.TB, accept, kind, body string) *httptest.ResponseRecorder {
	t.Helper()
	compress, err := middleware.Compress()
	if err != nil {
		t.Fatal(err)
	}
	h := compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	}))
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", accept)
	h.ServeHTTP(w, r)
	return w
}

func TestTheEncodingIsTheOneTheClientAccepts(t *testing.T) {
	page := strings.Repeat("A hat for every head. ", 200)
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "br, gzip": "gzip", "GZIP;q=0.5": "gzip", "gzip;q=0": "", "gzip;q=0, identity": "",
		"gzip; q=0.000": "", "br": "", "identity": "", "zstd": "", "zstd, gzip": "gzip", "gzipped": "",
	} {
		w := compressed(t, accept, "text/html; charset=utf-8", page)
		body := w.Body.Bytes()
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got Content-Encoding %q, want %q", accept, got, want)
		} else if got == "gzip" {
			if len(body) > len(page)/2 {
				t.Errorf("Accept-Encoding %q: got %d bytes of %d", accept, len(body), len(page))
			}
			plain, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(plain); err != nil {
				t.Fatal(err)
			}
		}
		if string(body) != page || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: got Vary %q and %d bytes of %d", accept, w.Header().Get("Vary"), len(body), len(page))
		}
	}
	if got := compressed(t, "gzip", "image/png", page).Header().Get("Content-Encoding"); got != "" {
		t.Errorf("an image: got Content-Encoding %q, want none", got)
	}
}

// BREACH: an attacker who can add text to a page must not see from its size whether the text
// repeats a secret in it.
func TestTheSizeOfAPageDoesNotShowWhatItRepeats(t *testing.T) {
	const secret = "form_token=9f86d081884c7d659a2feaa0c55ad015"
	smaller := 0
	const tries = 200
	for i := range tries {
		page := strings.Repeat("A hat for every head. ", 200) + secret
		right := compressed(t, "gzip", "text/html", page+fmt.Sprintf("form_token=9f86%d", i)).Body.Len()
		wrong := compressed(t, "gzip", "text/html", page+fmt.Sprintf("form_token=7e3c%d", i)).Body.Len()
		if right < wrong {
			smaller++
		}
	}
	if smaller > tries*3/4 {
		t.Errorf("the right guess was smaller in %d of %d tries", smaller, tries)
	}
}
