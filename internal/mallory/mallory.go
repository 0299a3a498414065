// Package mallory is the second visitor of the lessons: it attacks the shop and its lab twin with
// real HTTP requests and records each exchange, for pages and tests alike.
//
// The targets are fixed by Config. Nothing a caller passes reaches an address: lessons are numbers,
// benches are checked names, and a cookie's value travels in the Cookie header only.
package mallory

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Target is a site as browsers name it, and where it listens.
type Target struct {
	URL  string // scheme and host, such as "http://localhost:8080"
	Dial string // host:port to connect to; "" connects to URL itself

	// Roots signed the certificate of what listens there; nil: at Dial it speaks plain HTTP, whatever
	// URL says.
	Roots *x509.CertPool
}

// Config fixes whom Mallory visits.
type Config struct {
	Shop    Target
	Twin    Target
	TagName string // the shop's session cookie
	SKU     string // what Mallory adds to carts at the shop, such as "HAT-BERET"
	SKU2    string // a second product, for two adds at once
}

// Limits on one answer and on one press.
const (
	maxBody    = 1 << 20
	maxWait    = 5 * time.Second
	maxTries   = 10_000 // requests of one attack
	maxCookie  = 512    // bytes of a cookie value Mallory sends
	maxLines   = 8      // lines of a page kept in an exchange
	maxColumns = 100    // characters of each
)

// Visitor is Mallory. It keeps nothing between calls and is safe for concurrent use.
type Visitor struct {
	shop, twin site
	config     Config
}

// site is one target and the client that reaches only it.
type site struct {
	base   *url.URL
	client *http.Client
}

// New returns Mallory, or an error when an address is not a scheme and a host.
func New(c Config) (*Visitor, error) {
	shop, err := newSite(c.Shop)
	if err != nil {
		return nil, fmt.Errorf("mallory: the shop's address: %w", err)
	}
	twin, err := newSite(c.Twin)
	if err != nil {
		return nil, fmt.Errorf("mallory: the twin's address: %w", err)
	}
	return &Visitor{shop: shop, twin: twin, config: c}, nil
}

// Origin reads an address that is a scheme, http or https, and a host. A / at its end is left out;
// anything else there is an error.
func Origin(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.String() != u.Scheme+"://"+u.Host {
		return nil, fmt.Errorf("%q is not a scheme and a host", address)
	}
	return u, nil
}

func newSite(t Target) (site, error) {
	base, err := Origin(t.URL)
	if err != nil {
		return site{}, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 10 * time.Second}
	if t.Roots != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: t.Roots}
	}
	if t.Dial != "" {
		if t.Roots == nil {
			base.Scheme = "http"
		}
		transport.DialContext = dialing(t.Dial)
	}
	client := &http.Client{Transport: transport, Timeout: maxWait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return site{base: &url.URL{Scheme: base.Scheme, Host: base.Host}, client: client}, nil
}

// dialing connects to one address, whatever host a request names.
func dialing(addr string) func(ctx context.Context, network, _ string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
}

// UserAgent is what Mallory says of herself; of a wave of crawlers, followed by the wave's own
// name.
const UserAgent = "Mallory"

// call is one request Mallory makes. A form makes it a POST.
type call struct {
	path    string // with its query
	cookies []string
	form    url.Values
	header  map[string]string
}

// visit makes one request and returns what came back. An error means there was no answer.
func (s site) visit(ctx context.Context, c call) (*answer, error) {
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if c.form != nil {
		method, body = http.MethodPost, strings.NewReader(c.form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, s.base.String()+c.path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", UserAgent)
	if c.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	if len(c.cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(c.cookies, "; "))
	}
	w, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer w.Body.Close()
	read, err := io.ReadAll(io.LimitReader(w.Body, maxBody))
	if err != nil {
		return nil, err
	}
	return newAnswer(c, r, w, read), nil
}

// errCookie says that a value cannot stand in a Cookie header.
var errCookie = errors.New("mallory: that is not a cookie's value")

// pair returns "name=value" for a Cookie header, if value can be a cookie's (RFC 6265 4.1.1).
func pair(name, value string) (string, error) {
	c := http.Cookie{Name: name, Value: value}
	if len(value) > maxCookie || c.Valid() != nil || strings.ContainsAny(value, " ,") {
		return "", errCookie
	}
	return name + "=" + value, nil
}
