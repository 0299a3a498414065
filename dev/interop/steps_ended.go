package interop

import (
	"net/http"
	"strings"

	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/postgres"
)

// operatorEndsSessions ends a customer's sessions as cmd/shop does, of which the provider knows
// nothing.
func operatorEndsSessions(w *World) { // ASVS 7.4.5
	laptop, phone, bob := w.Visitor(), w.Visitor(), w.Visitor()
	laptop.SignIn(Alice, "/account")
	phone.SignIn(Alice, "/account")
	bob.SignIn(Bob, "/account")
	ended, err := postgres.New(w.DB).EndSessions(w.Context(), postgres.SessionTarget{CustomerID: w.customer(Alice)})
	if err != nil || ended != 2 {
		w.Fatalf("%d sessions ended, want 2 (%v)", ended, err)
	}
	if a, b := laptop.EndedBy(), phone.EndedBy(); a != "revoked" || b != "revoked" {
		w.Errorf("reasons: got %q and %q, want revoked", a, b)
	}
	if !bob.SignedIn() {
		w.Error("somebody else is signed out, too")
	}
	w.wantPasswordAgain(phone)
}

// wantPasswordAgain checks that a visitor whose session was ended here, while the provider goes on
// with its own, is let in by no authentication from before, and asked for the password then.
func (w *World) wantPasswordAgain(v *Visitor) {
	w.Helper()
	w.Change(`UPDATE customers SET auth_not_before = auth_not_before + interval '2 s' WHERE email = $1`, Alice) // ages come in whole seconds
	if page, asked := v.Authenticate(v.Begin("/account"), Alice); asked || page.Status != http.StatusForbidden ||
		!strings.Contains(page.Body, `data-notice="stale-authentication"`) || v.SignedIn() {
		w.Errorf("who is still known to the provider is asked there: %t, and gets %d at %s; want 403 without being asked",
			asked, page.Status, page.URL)
	}
	w.Change(`UPDATE customers SET auth_not_before = auth_not_before - interval '2 s' WHERE email = $1`, Alice)
	if !v.SignIn(Alice, "/account") || !v.SignedIn() {
		w.Error("who was signed out cannot sign in again, or is not asked for the password")
	}
}

// customerDeleted takes away the customer's row, of which the provider knows nothing either.
func customerDeleted(w *World) { // ASVS 7.4.2
	v := w.Visitor()
	v.SignIn(Alice, "/account")
	v.Add(Thing)
	sid, before := v.SID(), w.customer(Alice)
	w.Change(`DELETE FROM customers WHERE id = $1`, before)
	if v.SignedIn() || v.CartCount() != 0 {
		w.Error("the next request finds something of the customer who was deleted")
	}
	if v.SignIn(Alice, "/account") {
		w.Error("the provider asked for the password, though its own session goes on")
	}
	if v.SID() != sid {
		w.Error("the provider has made another session of it")
	}
	if after := w.customer(Alice); after == before || v.CartCount() != 0 {
		w.Errorf("who comes again is customer %d, was %d, with %d things in the cart; want somebody new", after, before,
			v.CartCount())
	}
}

// customer is the number of the customer with that address.
func (w *World) customer(email string) int64 {
	w.Helper()
	return shoptest.One[int64](w, w.DB, `SELECT id FROM customers WHERE email = $1`, email)
}
