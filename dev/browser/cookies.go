package browser

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Transport finds *.localhost at the loopback address, as browsers do.
var Transport = loopback()

func loopback() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.MaxIdleConnsPerHost = nil, 100
	transport.DisableCompression = true // which costs a tenth of the tests' time, and is tested with browsers
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(address); err == nil && strings.HasSuffix(host, ".localhost") {
			address = net.JoinHostPort("127.0.0.1", port)
		}
		return dialer.DialContext(ctx, network, address)
	}
	return transport
}

// Cookies are the cookies of one site in a test's browser, values by name. Secure ones are sent
// over http too, as browsers do for localhost and net/http's jar does not.
type Cookies map[string]string

// Do sends a request with the cookies, unless it has a Cookie header, and keeps those of the
// answer, which it returns with its body. It follows no redirect. Setting one cookie twice in an
// answer is an error. RFC 6265bis 4.1.1
func (c Cookies) Do(r *http.Request) (answer *http.Response, body string, err error) {
	if r.Header.Get("Cookie") == "" {
		for name, value := range c {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	answer, err = Transport.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, "", err
	}
	return answer, string(text), c.keep(answer.Cookies())
}

func (c Cookies) keep(cookies []*http.Cookie) error {
	set := map[string]bool{}
	for _, k := range cookies {
		if set[k.Name] {
			return fmt.Errorf("%s is set twice in one answer", k.Name)
		}
		set[k.Name] = true
		c[k.Name] = k.Value
		if k.MaxAge < 0 {
			delete(c, k.Name)
		}
	}
	return nil
}
