package auth_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

func TestANameBelowLocalhostIsThisMachine(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Host)
	}))
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	host := "surely-unknown.idp.localhost:" + port
	response, err := auth.NewHTTPClient().Get("http://" + host)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); string(body) != host {
		t.Errorf("reached %q", body)
	}
}

// Where a name below .localhost is somebody else's, as in a container network, it stays theirs; any
// other name is never looked up twice.
func TestWhereANameBelowLocalhostLeads(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address, known, answers, want string
	}{
		"another machine's": {"idp.localhost:80", "idp.localhost", "idp.localhost:80", "idp.localhost:80"},
		"nobody's":          {"idp.localhost:80", "", "127.0.0.1:80", "127.0.0.1:80"},
		"on IPv6 only":      {"idp.localhost:80", "", "[::1]:80", "127.0.0.1:80 [::1]:80"},
		"nowhere":           {"idp.localhost:80", "", "", "127.0.0.1:80 [::1]:80 refused"},
		"any other":         {"id.example:443", "", "id.example:443", "id.example:443"},
		"no address":        {"idp.localhost", "", "", "idp.localhost refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tried []string
			lookup := func(_ context.Context, host string) ([]string, error) {
				if host != c.known {
					return nil, errors.New("unknown")
				}
				return []string{"192.0.2.1"}, nil
			}
			connect := func(_ context.Context, _, address string) (net.Conn, error) {
				tried = append(tried, address)
				if address != c.answers {
					return nil, errors.New("refused")
				}
				return &net.TCPConn{}, nil
			}
			connection, err := auth.Loopback(lookup, connect)(t.Context(), "tcp", c.address)
			if (connection == nil) != (err != nil) {
				t.Errorf("%v and %v", connection, err)
			}
			if err != nil {
				tried = append(tried, err.Error())
			}
			if got := strings.Join(tried, " "); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestAnyOtherNameThatDoesNotResolveIsNowhere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	if response, err := auth.NewHTTPClient().Get("http://shop.invalid:" + port); err == nil {
		response.Body.Close()
		t.Error("an unknown name leads to this machine")
	}
}

// ASVS 15.3.2
func TestTheClientIsBounded(t *testing.T) {
	t.Parallel()
	elsewhere := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/full":
			w.Write(make([]byte, 1<<20))
		case "/too-much":
			w.Write(make([]byte, 1<<20+1))
		case "/redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		case "/headers":
			w.Header().Set("Long", strings.Repeat("a", 200<<10))
		case "/elsewhere":
			elsewhere = true
		}
	}))
	t.Cleanup(server.Close)
	client := auth.NewHTTPClient()
	if client.Timeout != 5*time.Second {
		t.Errorf("timeout %s", client.Timeout)
	}
	for path, want := range map[string]int{"/full": 200, "/too-much": 0, "/redirect": 307, "/headers": 0} {
		status := 0
		if response, err := client.Get(server.URL + path); err == nil {
			response.Body.Close()
			status = response.StatusCode
		}
		if status != want {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
	if elsewhere {
		t.Error("a redirect was followed")
	}
}

// Even a client without any limit is held to them.
func TestNoClientEscapesTheLimits(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *auth.Config) { c.HTTP = &http.Client{} })
	for name, answer := range map[string]rogue.Answer{"size": {Body: "{}", Size: 10 << 20},
		"redirect": {Location: s.op.Issuer + "/elsewhere"}} {
		s.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.DiscoveryPath: answer}})
		if _, err := s.begin(t, auth.Begin{}); outcome(err) != rogue.Unavailable || len(s.op.Requests("/elsewhere")) != 0 {
			t.Errorf("%s: %v", name, err)
		}
		s.clock.move(time.Minute)
	}
}

func TestNoProxyIsUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	address, _ := url.Parse(server.URL)
	address.Host = "proxy-test.localhost:" + address.Port() // net/http spares 127.0.0.1 the proxy, but no other name
	response, err := auth.NewHTTPClient().Get(address.String())
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

// ASVS 15.3.2: a client from elsewhere waits no longer than ours, and as briefly as it did.
func TestNoClientWaitsLongerThanFiveSeconds(t *testing.T) {
	t.Parallel()
	for given, want := range map[time.Duration]time.Duration{
		0: 5 * time.Second, -1: 5 * time.Second, time.Second: time.Second, time.Minute: 5 * time.Second,
	} {
		if got := auth.Bound(&http.Client{Timeout: given}).Timeout; got != want {
			t.Errorf("a client with a timeout of %s: got %s, want %s", given, got, want)
		}
	}
}
