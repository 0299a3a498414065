//go:build compose

package compose

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/provider/providertest"
)

var (
	idp           = flag.String("idp", "http://idp.localhost:8081", "the provider's address")
	adminPassword = flag.String("admin-password", "development-only", "KEYCLOAK_ADMIN_PASSWORD")
)

// aliceID is hers in the realm file.
const aliceID = "5c6f2a4e-0d6b-4b61-9f0e-a11ce0000001"

// customer is a fresh browser of someone who has just signed in.
func customer(t *testing.T, email string) *providertest.Browser {
	t.Helper()
	b := providertest.NewBrowser(t)
	if at := signIn(t, b, email, "/account"); at.URL.Path != "/account" {
		t.Fatalf("signing in leads to %s (status %d)", at.URL, at.Status)
	}
	return b
}

// wantIn and wantOut look at the next page a customer asks for.
func wantIn(t *testing.T, b *providertest.Browser, who string) {
	t.Helper()
	if at := b.Open(*shopURL+"/account", ""); at.URL.Path != "/account" {
		t.Errorf("%s is out: %s", who, at.URL)
	}
}

func wantOut(t *testing.T, b *providertest.Browser, who string) {
	t.Helper()
	at := b.Open(*shopURL+"/account", "")
	if at.URL.Path != "/login" || !strings.Contains(at.Body, `data-reason="back_channel"`) {
		t.Errorf("%s is at %s (status %d), want the sign-in page that says why", who, at.URL, at.Status)
	}
}

func TestSigningOutAtTheProviderEndsThatSessionHere(t *testing.T) {
	phone, laptop := customer(t, alice), customer(t, alice)
	asks := phone.Open(*idp+"/realms/shop/protocol/openid-connect/logout?client_id=shop", "")
	if done := asks.Submit(url.Values{"confirmLogout": {"Logout"}}, *shopURL); done.Status != http.StatusOK {
		t.Fatalf("the provider answers %d at %s:\n%s", done.Status, done.URL, done.Body)
	}
	wantOut(t, phone, "the phone that signed out at the provider")
	wantIn(t, laptop, "the laptop")
}

func TestTheProvidersAdministratorEndsEverySessionOfOneCustomer(t *testing.T) {
	phone, laptop, other := customer(t, alice), customer(t, alice), customer(t, bob)
	endAtProvider(t, aliceID)
	wantOut(t, phone, "Alice's phone")
	wantOut(t, laptop, "Alice's laptop")
	wantIn(t, other, "Bob")
}

// endAtProvider ends every session of a customer through Keycloak's administration.
func endAtProvider(t *testing.T, subject string) {
	t.Helper()
	answer, err := providertest.Client().PostForm(*idp+"/realms/master/protocol/openid-connect/token", url.Values{
		"grant_type": {"password"}, "client_id": {"admin-cli"}, "username": {"admin"}, "password": {*adminPassword},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var token struct {
		Access string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&token); err != nil || token.Access == "" {
		t.Fatalf("no token for the administrator: %s, %v", answer.Status, err)
	}
	request, err := http.NewRequest(http.MethodPost, *idp+"/admin/realms/shop/users/"+subject+"/logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token.Access)
	ended, err := providertest.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	ended.Body.Close()
	if ended.StatusCode != http.StatusNoContent {
		t.Fatalf("ending the sessions: %s", ended.Status)
	}
}
