package interop

import (
	"net/http"
	"strings"

	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/postgres"
)

// operatorEndsSessions ends a customer's sessions as cmd/shop does, of which the provider knows
// nothing.
func operatorEndsSessions(f *Fixture) { // ASVS 7.4.5
	laptop, phone, bob := f.Visitor(), f.Visitor(), f.Visitor()
	laptop.SignIn(Alice, "/account")
	phone.SignIn(Alice, "/account")
	bob.SignIn(Bob, "/account")
	ended, err := postgres.New(f.DB).EndSessions(f.Context(), postgres.SessionTarget{CustomerID: f.customer(Alice)})
	if err != nil || ended.Sessions != 2 {
		f.Fatalf("%d sessions ended, want 2 (%v)", ended.Sessions, err)
	}
	if a, b := laptop.EndedBy(), phone.EndedBy(); a != "revoked" || b != "revoked" {
		f.Errorf("reasons: got %q and %q, want revoked", a, b)
	}
	if !bob.SignedIn() {
		f.Error("somebody else is signed out, too")
	}
	f.wantPasswordAgain(phone)
}

// wantPasswordAgain checks that a visitor whose session was ended here, while the provider goes on
// with its own, is let in by no authentication from before, and asked for the password then.
func (f *Fixture) wantPasswordAgain(v *Visitor) {
	f.Helper()
	// Ages come in whole seconds.
	f.Change(`UPDATE customers SET auth_not_before = auth_not_before + interval '2 s' WHERE email = $1`, Alice)
	if page, asked := v.Authenticate(v.Begin("/account"), Alice); asked || page.Status != http.StatusForbidden ||
		!strings.Contains(page.Body, `data-notice="stale-authentication"`) || v.SignedIn() {
		f.Errorf("who is still known to the provider is asked there: %t, and gets %d at %s; want 403 without being asked",
			asked, page.Status, page.URL)
	}
	f.Change(`UPDATE customers SET auth_not_before = auth_not_before - interval '2 s' WHERE email = $1`, Alice)
	if !v.SignIn(Alice, "/account") || !v.SignedIn() {
		f.Error("who was signed out cannot sign in again, or is not asked for the password")
	}
}

// customerDeleted takes away the customer's row, of which the provider knows nothing either.
func customerDeleted(f *Fixture) { // ASVS 7.4.2
	v := f.Visitor()
	v.SignIn(Alice, "/account")
	v.Add(Thing)
	sid, before := v.SID(), f.customer(Alice)
	f.Change(`DELETE FROM customers WHERE id = $1`, before)
	if v.SignedIn() || v.CartCount() != 0 {
		f.Error("the next request finds something of the customer who was deleted")
	}
	if v.SignIn(Alice, "/account") {
		f.Error("the provider asked for the password, though its own session goes on")
	}
	if v.SID() != sid {
		f.Error("the provider has made another session of it")
	}
	if after := f.customer(Alice); after == before || v.CartCount() != 0 {
		f.Errorf("who comes again is customer %d, was %d, with %d things in the cart; want somebody new", after, before,
			v.CartCount())
	}
}

// customer is the number of the customer with that address.
func (f *Fixture) customer(email string) int64 {
	f.Helper()
	return shoptest.One[int64](f, f.DB, `SELECT id FROM customers WHERE email = $1`, email)
}
