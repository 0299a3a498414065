//go:build keycloak

package keycloak

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"hookandtag.example/shop/dev/interop"
	"hookandtag.example/shop/dev/provider/providertest"
)

var (
	admin         = flag.String("admin", "admin", "the administrator's name")
	adminPassword = flag.String("admin-password", "admin", "and password")
)

// object is a document of the admin API; we know only the members we change.
type object map[string]any

// realm is what an administrator of the realm can do.
type realm struct {
	t       *testing.T
	origin  string // of the issuer
	address string // host:port where Keycloak listens
	token   string
}

func newRealm(t *testing.T) *realm {
	t.Helper()
	u, err := url.Parse(*issuer)
	if err != nil {
		t.Fatal(err)
	}
	r := &realm{t: t, origin: u.Scheme + "://" + u.Host, address: net.JoinHostPort("127.0.0.1", u.Port())}
	answer, err := providertest.Client().PostForm(r.origin+"/realms/master/protocol/openid-connect/token", url.Values{
		"grant_type": {"password"}, "client_id": {"admin-cli"}, "username": {*admin}, "password": {*adminPassword},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || got.Token == "" {
		t.Fatalf("sign in as administrator: %s, %v", answer.Status, err)
	}
	r.token = got.Token
	return r
}

// do sends a document to an address below the realm's administration, and reads the answer into
// another.
func (r *realm) do(method, path string, send, into any) {
	r.t.Helper()
	r.ask(method, "/admin/realms/shop"+path, send, into)
}

func (r *realm) ask(method, path string, send, into any) {
	r.t.Helper()
	body, err := json.Marshal(send)
	if err != nil {
		r.t.Fatal(err)
	}
	request, err := http.NewRequest(method, r.origin+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := providertest.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode > 299 {
		r.t.Fatalf("%s %s: %s %s, %v", method, path, answer.Status, text, err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			r.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
}

func (r *realm) version() string {
	r.t.Helper()
	var info struct {
		System struct {
			Version string `json:"version"`
		} `json:"systemInfo"`
	}
	r.ask("GET", "/admin/serverinfo", nil, &info)
	return info.System.Version
}

// moveTo makes the realm known under another address, and the shop at another one, until the test
// ends. Sessions remember the address under which they began, so existing ones end first, and
// no client is notified.
func (r *realm) moveTo(at interop.Place) {
	r.t.Helper()
	before, path := r.client()
	r.t.Cleanup(func() {
		r.do("PUT", path, before, nil)
		r.frontend("")
	})
	client, _ := r.client()
	client["redirectUris"] = []string{at.Callback()}
	attributes := client["attributes"].(map[string]any)
	attributes["post.logout.redirect.uris"] = at.SignedOut()
	attributes["backchannel.logout.url"] = ""
	r.do("PUT", path, client, nil)
	r.do("POST", "/logout-all", nil, nil)
	attributes["backchannel.logout.url"] = at.Backchannel
	r.do("PUT", path, client, nil)
	r.frontend(at.Provider)
}

// register gives the realm the keys by which the shop authenticates, until moveTo is undone.
func (r *realm) register(keys string) {
	r.t.Helper()
	client, path := r.client()
	client["clientAuthenticatorType"] = "client-jwt"
	attributes := client["attributes"].(map[string]any)
	attributes["use.jwks.string"], attributes["jwks.string"] = "true", keys
	attributes["token.endpoint.auth.signing.alg"] = "ES256"
	r.do("PUT", path, client, nil)
}

// client is the shop as the realm knows it, and where that is changed.
func (r *realm) client() (document object, path string) {
	r.t.Helper()
	var found []object
	r.do("GET", "/clients?clientId=shop", nil, &found)
	if len(found) != 1 {
		r.t.Fatalf("%d clients called shop", len(found))
	}
	return found[0], "/clients/" + found[0]["id"].(string)
}

// frontend says under which address browsers and the shop know the realm; empty is the server's
// own.
func (r *realm) frontend(address string) {
	r.t.Helper()
	r.do("PUT", "", object{"realm": "shop", "attributes": object{"frontendUrl": address}}, nil)
}

func (r *realm) idOf(email string) string {
	r.t.Helper()
	var found []object
	r.do("GET", "/users?exact=true&email="+url.QueryEscape(email), nil, &found)
	if len(found) != 1 {
		r.t.Fatalf("%d people with the address %s", len(found), email)
	}
	return found[0]["id"].(string)
}

// signingKeys returns the priority of every key that can sign ID tokens, by the name of the
// component that holds it.
func (r *realm) signingKeys() map[string]int {
	r.t.Helper()
	var keys struct {
		Keys []struct {
			Component string `json:"providerId"`
			Priority  int    `json:"providerPriority"`
			Use       string `json:"use"`
			Type      string `json:"type"`
		} `json:"keys"`
	}
	r.do("GET", "/keys", nil, &keys)
	priorities := map[string]int{}
	for _, k := range keys.Keys {
		if k.Use == "SIG" && k.Type == "RSA" {
			priorities[k.Component] = k.Priority
		}
	}
	return priorities
}

// newKey adds a key that comes before all others.
func (r *realm) newKey() {
	r.t.Helper()
	var self object
	r.do("GET", "", nil, &self)
	priority := strconv.Itoa(slices.Max(slices.Collect(maps.Values(r.signingKeys()))) + 1)
	r.do("POST", "/components", object{
		"name": "rsa-" + priority, "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
		"parentId": self["id"],
		"config":   map[string][]string{"priority": {priority}, "algorithm": {"RS256"}, "keySize": {"2048"}},
	}, nil)
}

// dropOldKeys leaves the newest one alone.
func (r *realm) dropOldKeys() {
	r.t.Helper()
	keys := r.signingKeys()
	newest := slices.Max(slices.Collect(maps.Values(keys)))
	for component, priority := range keys {
		if priority < newest {
			r.do("DELETE", "/components/"+component, nil, nil)
		}
	}
}
