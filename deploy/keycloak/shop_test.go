//go:build keycloak

package keycloak

import (
	"net/url"
	"testing"

	"hookandtag.example/shop/dev/interop"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// TestShopWithKeycloak tries the whole shop with the steps that it is tried with against every
// provider. The realm has each step's addresses during the step, and new signing keys for good.
func TestShopWithKeycloak(t *testing.T) {
	t.Logf("Keycloak %s", newRealm(t).version())
	t.Run("by secret", func(t *testing.T) { interop.Run(t, start) })
	t.Run("by key", func(t *testing.T) {
		// one for all steps: Keycloak looks for a client's new keys once in ten seconds at most
		private, public := interop.ClientKey(t)
		interop.Run(t, func(t *testing.T, at interop.Place) interop.Provider {
			p := start(t, at)
			newRealm(t).register(public)
			p.Client = []string{"OIDC_CLIENT_KEY=" + private}
			return p
		})
	})
}

func start(t *testing.T, at interop.Place) interop.Provider {
	t.Helper()
	r := newRealm(t)
	r.moveTo(at)
	return interop.Provider{
		Issuer: at.Provider + "/realms/shop", Address: r.address, Email: "username",
		Confirm:      url.Values{"confirmLogout": {"Logout"}},
		RotateKeys:   r.newKey,
		WithdrawKeys: func() { r.newKey(); r.dropOldKeys() },
		EndSession:   func(sid string) { r.do("DELETE", "/sessions/"+sid, nil, nil) },
		EndCustomer:  func(email string) { r.do("POST", "/users/"+r.idOf(email)+"/logout", nil, nil) },
	}
}
