package interop

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Two products with enough stock.
const (
	Thing = "harbour-beanie"
	Other = "market-beret"
)

func signInBringsTheCart(f *Fixture) {
	v := f.Visitor()
	v.Add(Thing)
	before := v.Tag()
	if !v.SignIn(Alice, "/cart") {
		f.Error("the provider asked for no password")
	}
	if n := v.CartCount(); n != 1 {
		f.Errorf("%d things in the cart after the sign-in, want the one from before", n)
	}
	if v.Tag() == before || v.Tag() == "" {
		f.Error("the tag did not change (ASVS 7.2.4)")
	}
	if account := v.Visit("/account").Body; !strings.Contains(account, "Alice Ambrose") ||
		!strings.Contains(account, Alice) || strings.Contains(account, "not confirmed") {
		f.Error("the account page lacks the name or the confirmed address")
	}
	if f.Count(`SELECT count(*) FROM sessions WHERE ended_reason = 'rotated'`) != 1 {
		f.Error("the session from before goes on")
	}
}

func signInAgainAsksForNothing(f *Fixture) {
	v := f.Visitor()
	v.SignIn(Alice, "/account")
	sid := v.SID()
	f.Change(`UPDATE sessions SET last_used = last_used - interval '1 hour'`)
	if why := v.EndedBy(); why != "idle" {
		f.Errorf("the shop says %q, want idle", why)
	}
	if v.SignIn(Alice, "/account") {
		f.Error("the provider asked for the password again")
	}
	if v.SID() != sid {
		f.Error("the provider has made another session of it")
	}
}

func endingDevicesNeedsReauthentication(f *Fixture) { // ASVS 7.5.2, 7.5.3
	laptop, phone := f.Visitor(), f.Visitor()
	laptop.SignIn(Alice, "/account")
	phone.SignIn(Alice, "/account")
	f.Change(`UPDATE sessions SET auth_time = auth_time - interval '6 minutes'`)
	tag := laptop.Tag()

	asks := laptop.Press("/account/devices", "/account/devices/end-others")
	if asks.URL.Path != "/login" || asks.URL.Query().Get("confirm") != "1" || !phone.SignedIn() {
		f.Fatalf("ended without a reauthentication, or led to %s", asks.URL)
	}
	page, asked := laptop.Authenticate(asks.SubmitTo("/login", nil, f.Place.Provider), Alice)
	if !asked || page.URL.Path != "/resume" {
		f.Fatalf("asked for the password: %t; then %d at %s:\n%s", asked, page.Status, page.URL, page.Body)
	}
	if laptop.Tag() == tag {
		f.Error("a reauthentication did not change the tag")
	}
	if !phone.SignedIn() {
		f.Error("the authentication alone ended the other session")
	}
	if page = page.SubmitTo("/account/devices/end-others", nil, f.Place.Provider); page.URL.Path != "/account/devices" {
		f.Errorf("the last click ends with %d at %s", page.Status, page.URL)
	}
	if why := phone.EndedBy(); why != "revoked" {
		f.Errorf("the phone: got reason %q, want revoked", why)
	}
	if !laptop.SignedIn() {
		f.Error("the laptop is signed out, too")
	}
	f.wantPasswordAgain(phone)
}

func providerAway(f *Fixture) {
	customer, stranger := f.Visitor(), f.Visitor()
	customer.SignIn(Alice, "/account")
	stranger.Add(Thing)
	leaving := f.Visitor()
	leaving.SignIn(Bob, "/account")

	f.TakeProviderAway()
	f.Later(20 * time.Second) // by now the shop has not heard of it for a while
	customer.Add(Thing)
	stranger.Add(Other)
	if !customer.SignedIn() || customer.CartCount() != 1 || stranger.CartCount() != 2 {
		f.Error("shopping needs the provider")
	}
	page := stranger.Begin("/cart")
	if page.Status != http.StatusServiceUnavailable || !strings.Contains(page.Body, `data-notice="provider-down"`) ||
		page.Header.Get("Retry-After") == "" {
		f.Errorf("the sign-in does not say that the provider is down: %d at %s", page.Status, page.URL)
	}
	if page := leaving.SignOut(); page.URL.Path != "/signed-out" || !strings.Contains(page.Body, stillAtProvider) ||
		leaving.SignedIn() {
		f.Errorf("a sign-out ends with %d at %s, still signed in: %t", page.Status, page.URL, leaving.SignedIn())
	}

	f.BringProviderBack()
	f.Later(5 * time.Second)
	stranger.SignIn(Bob, "/cart")
	if n := stranger.CartCount(); n != 2 || !customer.SignedIn() {
		f.Errorf("%d things in the cart afterwards, want 2", n)
	}
	if !leaving.SignIn(Bob, "/account") {
		f.Error("who signed out while the provider was away is let in without the password")
	}
}

func keysChangeTwice(f *Fixture) {
	var everyone []*Visitor
	enter := func() {
		v := f.Visitor()
		v.SignIn(Alice, "/account")
		v.Add(Thing)
		everyone = append(everyone, v)
	}
	enter()
	var old []string
	for range 2 {
		old = f.keys()
		f.Provider.RotateKeys()
		// by the second time another key may be fetched; with more, Keycloak would take no assertion from
		// this clock
		f.Later(16 * time.Second)
		enter()
		if slices.ContainsFunc(everyone, func(v *Visitor) bool { return !v.SignedIn() }) {
			f.Fatal("a change of keys signed somebody out")
		}
	}
	last := everyone[2]
	f.Provider.EndSession(last.SID())
	f.wantAnswers(http.StatusOK)
	if why, key := last.EndedBy(), f.keyOf(f.LastLogoutToken()); why != "back_channel" || slices.Contains(old, key) {
		f.Errorf("a logout token of the newest key: the shop says %q, the key is an old one: %t", why,
			slices.Contains(old, key))
	}
	if page := everyone[1].SignOut(); page.URL.Path != "/signed-out" {
		f.Errorf("a sign-out with an ID token of the key before ends with %d at %s", page.Status, page.URL)
	}
	if !everyone[0].SignedIn() {
		f.Error("the first customer is signed out")
	}
}
