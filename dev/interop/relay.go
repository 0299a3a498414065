package interop

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// relay passes requests on to a provider, or breaks their connections off as long as it is cut.
type relay struct {
	*httptest.Server
	proxy atomic.Pointer[httputil.ReverseProxy] // nil: cut
}

func newRelay(t *testing.T) *relay {
	t.Helper()
	r := &relay{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		proxy := r.proxy.Load()
		if proxy == nil {
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, q)
	}))
	t.Cleanup(r.Close)
	return r
}

// lead makes requests arrive at a host and port. An empty address cuts the relay.
func (r *relay) lead(address string) {
	if address == "" {
		r.proxy.Store(nil)
		r.CloseClientConnections()
		return
	}
	r.proxy.Store(&httputil.ReverseProxy{
		Rewrite:      func(p *httputil.ProxyRequest) { p.Out.URL.Scheme, p.Out.URL.Host = "http", address },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	})
}

// mailbox stands before the shop's back-channel address and remembers what it answered.
type mailbox struct {
	url string

	mu      sync.Mutex
	answers []int
	last    string // the body that came last
}

// newMailbox hands logout tokens on to address.
func newMailbox(t *testing.T, address string) *mailbox {
	t.Helper()
	m := &mailbox{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := m.handOn(r, address)
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	m.url = server.URL + "/auth/backchannel-logout"
	return m
}

func (m *mailbox) handOn(r *http.Request, address string) (status int) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return http.StatusBadGateway
	}
	answer, err := http.Post(address, r.Header.Get("Content-Type"), bytes.NewReader(body))
	if err != nil {
		return http.StatusBadGateway
	}
	answer.Body.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers, m.last = append(m.answers, answer.StatusCode), string(body)
	return answer.StatusCode
}

// take returns what the shop has answered since it was last asked.
func (m *mailbox) take() []int {
	m.mu.Lock()
	defer m.mu.Unlock()
	answers := slices.Clone(m.answers)
	m.answers = nil
	return answers
}

// LastLogoutToken is the one that came last, "" when none did.
func (f *Fixture) LastLogoutToken() string {
	f.mailbox.mu.Lock()
	defer f.mailbox.mu.Unlock()
	values, _ := url.ParseQuery(f.mailbox.last)
	return values.Get("logout_token")
}
