package shoptest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// Shop is the whole thing for one test: the real shop at localhost, the development provider at
// idp.localhost, and a database with the first day's products.
type Shop struct {
	URL, Issuer string
	DB          *pgxpool.Pool
	Provider    *provider.Provider
}

// Options of Open.
type Options struct {
	// URL is how browsers reach the shop that listens at Listener; without these it is at a free port.
	URL      string
	Listener net.Listener
	// Lessons turns the tutorial on, with the lab twin beside the shop.
	Lessons bool
	// Variables are settings, each NAME=value, in place of the usual ones.
	Variables []string
	// Before returns what stands before the provider; may be nil.
	Before func(s *Shop, provider http.Handler) http.Handler
}

// Open serves a shop until the test ends. The test's package must use postgrestest.Main.
func Open(t testing.TB, o Options) *Shop {
	t.Helper()
	if o.Listener == nil {
		o.Listener = Listen(t)
		o.URL = "http://localhost:" + Port(o.Listener)
	}
	address, idp := postgrestest.URL(t), Listen(t)
	s := &Shop{URL: o.URL, Issuer: "http://idp.localhost:" + Port(idp), DB: Connect(t, address)}
	Seed(t, s.DB)
	s.serveProvider(t, idp, o)
	variables := append(o.Variables, "BASE_URL="+s.URL, "DATABASE_URL="+address,
		"SESSION_KEYS=a-key-of-the-tests-that-is-long-enough", "OIDC_ISSUER="+s.Issuer,
		"OIDC_CLIENT_ID="+provider.DefaultClientID, "OIDC_CLIENT_SECRET="+provider.DefaultClientSecret)
	if o.Lessons {
		twin := Listen(t)
		ServeLab(t, twin, s.URL)
		variables = append(variables, "TUTORIAL=on", "LAB_URL=http://"+twin.Addr().String())
	}
	Serve(t, Parse(t, variables...), app.Options{Listener: o.Listener})
	return s
}

func (s *Shop) serveProvider(t testing.TB, listener net.Listener, o Options) {
	t.Helper()
	var err error
	s.Provider, err = provider.New(provider.Config{Issuer: s.Issuer, ShopURLs: []string{s.URL},
		BackchannelURL: s.URL + "/auth/backchannel-logout", Dir: providertest.Dir(t)})
	Must(t, err)
	var handler http.Handler = s.Provider
	if o.Before != nil {
		handler = o.Before(s, handler)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(server.Close)
}
