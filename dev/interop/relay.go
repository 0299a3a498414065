package interop

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"

	"hookandtag.example/shop/dev/shoptest"
)

// relay passes connections on to another address, or drops them as long as it is cut.
type relay struct {
	listener net.Listener

	mu   sync.Mutex
	to   string // "": cut
	open map[net.Conn]bool
}

func newRelay(t *testing.T) *relay {
	t.Helper()
	r := &relay{listener: shoptest.Listen(t), open: map[net.Conn]bool{}}
	go r.accept()
	t.Cleanup(func() {
		r.listener.Close()
		r.lead("")
	})
	return r
}

// lead makes new connections arrive at address, and ends those there are. An empty address cuts the
// relay.
func (r *relay) lead(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = address
	for c := range r.open {
		c.Close()
	}
	clear(r.open)
}

func (r *relay) accept() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return
		}
		go r.pass(c)
	}
}

func (r *relay) pass(from net.Conn) {
	defer from.Close()
	to := r.connect(from)
	if to == nil {
		return
	}
	defer to.Close()
	go func() {
		_, _ = io.Copy(to, from) // ends with either side
		to.Close()
	}()
	_, _ = io.Copy(from, to)
}

// connect opens the other half of a connection and remembers both, so that a cut meets them. It
// returns nil when there is no other half.
func (r *relay) connect(from net.Conn) net.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.to == "" {
		return nil
	}
	to, err := net.Dial("tcp", r.to)
	if err != nil {
		return nil
	}
	r.open[from], r.open[to] = true, true
	return to
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
func (w *World) LastLogoutToken() string {
	w.mailbox.mu.Lock()
	defer w.mailbox.mu.Unlock()
	values, _ := url.ParseQuery(w.mailbox.last)
	return values.Get("logout_token")
}
