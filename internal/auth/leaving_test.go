package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// leaving is a visitor who leaves while the provider is asked at one path.
type leaving struct {
	next  http.RoundTripper
	path  string
	leave context.CancelFunc
}

// RoundTrip implements http.RoundTripper.
func (l leaving) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == l.path {
		l.leave()
	}
	return l.next.RoundTrip(r)
}

// What failed because the visitor left is distinguished from a provider that is away.
func TestAVisitorWhoLeavesIsNoOutage(t *testing.T) {
	t.Parallel()
	for _, path := range []string{rogue.TokenPath, rogue.KeysPath} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			s := open(t, func(c *auth.Config) { c.HTTP.Transport = leaving{c.HTTP.Transport, path, leave} })
			r := s.browser.request(http.MethodGet, s.start(t, auth.Begin{}))
			if _, err := s.Finish(ctx, httptest.NewRecorder(), r); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want an error that is context.Canceled", err)
			}
		})
	}
}

func TestAVisitorWhoLeavesDuringDiscoveryIsNoOutage(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	leave()
	s := open(t)
	r := s.browser.request(http.MethodPost, base+"/login")
	if _, err := s.Begin(ctx, httptest.NewRecorder(), r, auth.Begin{}); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want an error that is context.Canceled", err)
	}
}
