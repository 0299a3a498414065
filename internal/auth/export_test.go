package auth

import (
	"context"
	"net"
	"net/http"

	"github.com/go-jose/go-jose/v4"
)

// Loopback is the dialer of NewHTTPClient with a name service and a network of the test's own.
func Loopback(lookup func(ctx context.Context, host string) ([]string, error),
	dial func(ctx context.Context, network, address string) (net.Conn, error)) func(ctx context.Context, network,
	address string) (net.Conn, error) {
	return loopback{lookup, dial}.DialContext
}

// ParseKeys reads a JSON Web Key Set and returns how many of its keys are kept.
func ParseKeys(c Config, document []byte) (kept int, err error) {
	set, err := newKeys(c).parse(context.Background(), document)
	return len(set), err
}

// Signs reports whether signatures with an algorithm may be checked with a key in JSON.
func Signs(key []byte, algorithm string) bool {
	var read jose.JSONWebKey
	return read.UnmarshalJSON(key) == nil && signs(read, algorithm)
}

// Bound is how New holds a client to the limits of NewHTTPClient.
func Bound(c *http.Client) *http.Client { return bound(c) }
