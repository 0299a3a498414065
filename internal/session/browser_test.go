package session_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// browser is one visitor. Its jar does what a real one does on localhost: it takes and sends Secure
// cookies over http.
type browser struct {
	t    *testing.T
	site *site
	tag  string // the tag's value; "": none
	mu   sync.Mutex
}

func (s *site) browser() *browser { return &browser{t: s.t, site: s} }

// answer is what came back.
type answer struct {
	status int
	body   string
	header http.Header
	tag    *http.Cookie // the Set-Cookie for the tag; nil: none
}

func (b *browser) get(path string) answer { b.t.Helper(); return b.send("GET", path, "") }

func (b *browser) post(path, form string) answer { b.t.Helper(); return b.send("POST", path, form) }

func (b *browser) send(method, path, form string, headers ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(b.t.Context()), method, b.site.server.URL+path,
		strings.NewReader(form))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	b.mu.Lock()
	if b.tag != "" {
		r.Header.Set("Cookie", "__Host-tag="+b.tag)
	}
	b.mu.Unlock()
	return b.take(http.DefaultClient.Do(r))
}

// request is one of this browser's, with its tag.
func (b *browser) request(method, path, form string) *http.Request {
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if b.tag != "" {
		r.Header.Set("Cookie", "__Host-tag="+b.tag)
	}
	return r
}

// ask sends a request to the handler itself, without a connection.
func (b *browser) ask(method, path, form string) answer {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.site.handler.ServeHTTP(w, b.request(method, path, form))
	return b.take(w.Result(), nil)
}

func (b *browser) take(response *http.Response, err error) answer {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := answer{status: response.StatusCode, body: string(body), header: response.Header}
	for _, c := range response.Cookies() {
		if a.tag != nil {
			b.t.Fatalf("Set-Cookie: got %v, want at most one (RFC 6265bis 4.1.1)", response.Header["Set-Cookie"])
		}
		a.tag = c
	}
	if a.tag != nil {
		b.mu.Lock()
		b.tag = a.tag.Value
		b.mu.Unlock()
	}
	return a
}

// copy is another browser with the same tag: a second tab, or a thief.
func (b *browser) copy() *browser { return &browser{t: b.t, site: b.site, tag: b.tag} }

// signedIn is a browser signed in as who.
func (s *site) signedIn(who string) *browser {
	s.t.Helper()
	b := s.browser()
	if a := b.post("/signin", "who="+who); a.status != http.StatusOK {
		s.t.Fatalf("sign-in: got %d %s, want 200", a.status, a.body)
	}
	return b
}

// anonymous is a browser with an anonymous session and a cart.
func (s *site) anonymous() *browser {
	s.t.Helper()
	b := s.browser()
	if a := b.post("/cart", ""); a.status != http.StatusOK || b.tag == "" {
		s.t.Fatalf("first cart: got %d %s, want 200 and a tag", a.status, a.body)
	}
	return b
}

func (a answer) wants(t *testing.T, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(a.body, p) {
			t.Errorf("answer %d %q, want %q in it", a.status, a.body, p)
		}
	}
}

func (a answer) leavesTag(t *testing.T) {
	t.Helper()
	if a.tag != nil {
		t.Errorf("the answer sets %v, want the tag left alone", a.tag)
	}
}

func (a answer) deletesTag(t *testing.T) {
	t.Helper()
	if a.tag == nil || a.tag.MaxAge >= 0 {
		t.Errorf("the answer's tag is %v, want it deleted", a.tag)
	}
}
