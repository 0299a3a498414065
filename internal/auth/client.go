package auth

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	requestTimeout = 5 * time.Second
	lookupTimeout  = time.Second
	maxBody        = 1 << 20
	maxHeaders     = 64 << 10
)

var errTooLarge = fmt.Errorf("body of more than %d bytes", maxBody)

// NewHTTPClient makes the client for every call to the provider: 5 s for a whole call, no redirects
// (ASVS 15.3.2), bodies of at most 1 MiB, no proxy. A name below .localhost that does not resolve
// is the machine itself (RFC 6761 6.3), as it is for browsers.
func NewHTTPClient() *http.Client {
	return bound(&http.Client{Transport: &http.Transport{
		DialContext:            loopback{net.DefaultResolver.LookupHost, (&net.Dialer{}).DialContext}.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    requestTimeout,
		MaxResponseHeaderBytes: maxHeaders,
	}})
}

// bound holds any client to the limits of NewHTTPClient; a shorter timeout stays.
func bound(c *http.Client) *http.Client {
	b := *c
	b.Transport = bounded{c.Transport}
	if c.Transport == nil {
		b.Transport = bounded{http.DefaultTransport}
	}
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if b.Timeout <= 0 || b.Timeout > requestTimeout {
		b.Timeout = requestTimeout
	}
	return &b
}

// bounded reads every body to its end, within the limit, before anyone sees the response. So a body
// that hangs, breaks off or is too large is an error of the call and never half an answer.
type bounded struct {
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if len(body) > maxBody {
		return nil, errTooLarge
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// loopback dials names below .localhost that the system does not know on the machine itself, over
// IPv4 and then IPv6.
type loopback struct {
	lookup func(ctx context.Context, host string) ([]string, error)
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
}

func (l loopback) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || !strings.HasSuffix(host, ".localhost") || l.known(ctx, host) {
		return l.dial(ctx, network, address)
	}
	connection, err := l.dial(ctx, network, net.JoinHostPort("127.0.0.1", port))
	if err == nil {
		return connection, nil
	}
	if connection, other := l.dial(ctx, network, net.JoinHostPort("::1", port)); other == nil {
		return connection, nil
	}
	return nil, err
}

// known asks the system first, because in a container network the name may well be another
// machine's.
func (l loopback) known(ctx context.Context, host string) bool {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	_, err := l.lookup(ctx, host)
	return err == nil
}

// isLocal reports whether a host name means the machine itself, so that plain http to it passes no
// network.
func isLocal(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}
