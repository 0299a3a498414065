// Package providertest lets tests use the development provider, or any other OpenID
// provider, over real HTTP: a provider on a free port, a browser that keeps cookies and
// fills in forms, and a relying party on go-oidc and x/oauth2.
package providertest

import (
	"net/http/httptest"
	"testing"

	"hookandtag.example/shop/dev/provider"
)

// Start runs a provider on a free loopback port until the test ends and returns it with its
// issuer. A config without Issuer gets the server's address, one without Dir what Dir returns.
func Start(t testing.TB, config provider.Config) (*provider.Provider, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	if config.Issuer == "" {
		config.Issuer = "http://" + server.Listener.Addr().String()
	}
	if config.Dir == "" {
		config.Dir = Dir(t)
	}
	p, err := provider.New(config)
	if err != nil {
		server.Listener.Close()
		t.Fatal(err)
	}
	server.Config.Handler = p
	server.Start()
	t.Cleanup(server.Close)
	return p, config.Issuer
}
