package app_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"hookandtag.example/shop/dev/interop"
	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
)

// The same steps are tried against other providers: see deploy/keycloak and deploy/oidc-provider.
func TestShopWithTheDevelopmentProvider(t *testing.T) {
	t.Parallel()
	interop.Run(t, developmentProvider)
}

func developmentProvider(t *testing.T, at interop.Place) interop.Provider {
	t.Helper()
	var p *provider.Provider
	start := func(dir string) {
		var err error
		p, err = provider.New(provider.Config{Issuer: at.Provider, ShopURLs: []string{at.Shop},
			BackchannelURL: at.Backchannel, Dir: dir})
		must(t, err)
	}
	start(providertest.Dir(t))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	return interop.Provider{
		Issuer: at.Provider, Address: server.Listener.Addr().String(), Email: "email",
		RotateKeys: func() { must(t, p.RotateKeys()) },
		WithdrawKeys: func() { // three are kept
			for range 3 {
				must(t, p.RotateKeys())
			}
		},
		EndSession: func(sid string) { must(t, p.EndSession(t.Context(), sid)) },
		EndCustomer: func(email string) {
			_, err := p.EndSessions(t.Context(), email)
			must(t, err)
		},
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
