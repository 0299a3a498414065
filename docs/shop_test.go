package docs_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// shop is what the first terminal runs: the real shop and the development provider, here on free
// ports and a fresh database.
type shop struct {
	url, issuer, database string
	dir                   string // the provider's keys
	shopPort, issuerPort  *net.TCPListener
	stop                  func()
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{database: postgrestest.URL(t), dir: t.TempDir(), shopPort: listen(t), issuerPort: listen(t),
		stop: func() {}}
	s.url, s.issuer = "http://localhost:"+shoptest.Port(s.shopPort), "http://idp.localhost:"+shoptest.Port(s.issuerPort)
	t.Cleanup(func() { s.stop() })
	shoptest.Seed(t, shoptest.Connect(t, s.database))
	return s
}

// start stops the shop, if it runs, and starts it again: of what the two had in memory nothing is
// left, as after a kill -9.
func (s *shop) start(t *testing.T, settings []string) {
	t.Helper()
	s.stop()
	closeProvider := s.startProvider(t)
	opened, err := app.Open(t.Context(), s.settings(t, settings),
		app.Options{Log: slog.New(slog.DiscardHandler), Listener: again(t, s.shopPort)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // this step's context ends before the shop does
	served := make(chan error, 1)
	go func() { served <- opened.Serve(ctx) }()
	s.stop = func() {
		cancel()
		if err := <-served; err != nil {
			slog.Error("the tutorial's shop has ended", "error", err)
		}
		closeProvider()
		s.stop = func() {}
	}
}

// settings are those that cmd/dev makes of what the page sets.
func (s *shop) settings(t *testing.T, given []string) app.Settings {
	t.Helper()
	parsed := shoptest.Parse(t, append(given, "BASE_URL="+s.url, "DATABASE_URL="+s.database, "OIDC_ISSUER="+s.issuer,
		"OIDC_CLIENT_ID="+provider.DefaultClientID, "OIDC_CLIENT_SECRET="+provider.DefaultClientSecret,
		"SESSION_KEYS=a-key-of-the-tutorial-that-is-long-enough")...)
	if whole, fresh := parsed.Sessions.Absolute, &parsed.Provider.MaxAge; *fresh >= whole {
		*fresh = whole / 2
	}
	return parsed
}

func (s *shop) startProvider(t *testing.T) (stop func()) {
	t.Helper()
	p, err := provider.New(provider.Config{Issuer: s.issuer, Dir: s.dir, ShopURLs: []string{s.url}, BackchannelURL: s.url +
		"/auth/backchannel-logout"})
	if err != nil {
		t.Fatal(err)
	}
	server, listener := &http.Server{Handler: p}, again(t, s.issuerPort)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("the tutorial's provider has ended", "error", err)
		}
	}()
	return func() { _ = server.Close(); <-ended }
}

// listen takes a port for the whole test.
func listen(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// again is another listener on the same port, so that a shop that starts again finds its own.
func again(t *testing.T, l *net.TCPListener) net.Listener {
	t.Helper()
	file, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	copied, err := net.FileListener(file)
	if err != nil {
		t.Fatal(err)
	}
	return copied
}
