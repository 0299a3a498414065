package interop

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const stillAtProvider = `data-notice="still-at-provider"`

// wantAnswers waits for the logout tokens that must have arrived, and for nothing else, and
// compares what the shop answered.
func (w *World) wantAnswers(want ...int) {
	w.Helper()
	var got []int
	w.Eventually("the logout tokens arrive", func() bool {
		got = append(got, w.mailbox.take()...)
		return len(got) >= len(want)
	})
	if !slices.Equal(got, want) {
		w.Errorf("the shop answered %d to the logout tokens, want %d", got, want)
	}
}

func signOutEndsBoth(w *World) { // OIDC RP-Initiated Logout 1.0
	v := w.Visitor()
	v.SignIn(Alice, "/account")
	v.Add(Thing)
	tag := v.Tag()
	page := v.SignOut()
	if page.URL.Path != "/signed-out" || page.Status != http.StatusOK || strings.Contains(page.Body, stillAtProvider) {
		w.Errorf("the sign-out ends with %d at %s", page.Status, page.URL)
	}
	w.wantAnswers(http.StatusOK) // the session it names has ended already (Back-Channel Logout 1.0, 2.7)
	if v.SignedIn() || v.CartCount() != 0 || v.Tag() == tag {
		w.Error("the next at this browser finds something of the last")
	}
	if n := w.Count(`SELECT count(*) FROM sessions WHERE ended_reason = 'signed_out'`); n != 1 {
		w.Errorf("%d sessions ended by a sign-out, want 1", n)
	}
	if !v.SignIn(Alice, "/account") {
		w.Error("the next sign-in asks for no password")
	}
	if n := v.CartCount(); n != 1 {
		w.Errorf("%d things in the cart, want the one from before", n)
	}
}

// signOutThereEndsItHere signs out at the provider's own page, of which the shop knows nothing.
func signOutThereEndsItHere(w *World) { // Back-Channel Logout 1.0
	v := w.Visitor()
	v.SignIn(Alice, "/account")
	endSession := w.discover("end_session_endpoint")
	page := v.leave(endSession + "?" +
		url.Values{"client_id": {"shop"}, "post_logout_redirect_uri": {w.Place.SignedOut()}}.Encode())
	if page.Status != http.StatusOK {
		w.Errorf("the provider answers %d at %s:\n%s", page.Status, page.URL, page.Body)
	}
	w.wantAnswers(http.StatusOK)
	if n := w.Count(`SELECT count(*) FROM sessions WHERE ended_reason = 'back_channel'`); n != 1 || v.SignedIn() {
		w.Errorf("%d sessions ended by the provider, want 1", n)
	}
	if !v.SignIn(Alice, "/account") {
		w.Error("the next sign-in asks for no password")
	}
}

func oneOfTwoEnds(w *World) { // Back-Channel Logout 1.0, by sid
	laptop, phone := w.Visitor(), w.Visitor()
	laptop.SignIn(Alice, "/account")
	phone.SignIn(Alice, "/account")
	w.Provider.EndSession(laptop.SID())
	w.wantAnswers(http.StatusOK)
	if why := laptop.EndedBy(); why != "back_channel" {
		w.Errorf("the laptop: got reason %q, want back_channel", why)
	}
	if !phone.SignedIn() {
		w.Fatal("the phone is signed out, too")
	}
	sid := phone.SID()
	w.Change(`DELETE FROM sessions WHERE provider_sid = $1`, sid)
	w.Provider.EndSession(sid)
	w.wantAnswers(http.StatusOK) // there is no such session (2.7)
	if !laptop.SignIn(Alice, "/account") {
		w.Error("the next sign-in asks for no password")
	}
}

func allOfACustomerEnd(w *World) { // Back-Channel Logout 1.0, by sid each or by sub
	laptop, phone, bob := w.Visitor(), w.Visitor(), w.Visitor()
	laptop.SignIn(Alice, "/account")
	phone.SignIn(Alice, "/account")
	bob.SignIn(Bob, "/account")
	w.Provider.EndCustomer(Alice)
	w.Eventually("both sessions end", func() bool {
		return w.Count(`SELECT count(*) FROM sessions WHERE ended_reason = 'back_channel'`) == 2
	})
	if answers := w.mailbox.take(); slices.ContainsFunc(answers,
		func(status int) bool { return status != http.StatusOK }) {
		w.Errorf("the shop answered %d", answers)
	} else {
		w.Logf("%d logout tokens", len(answers))
	}
	if a, b := laptop.EndedBy(), phone.EndedBy(); a != "back_channel" || b != "back_channel" {
		w.Errorf("reasons: got %q and %q, want back_channel", a, b)
	}
	if !bob.SignedIn() {
		w.Error("somebody else is signed out, too")
	}
	w.signInAfterALogout(laptop)
}

// signInAfterALogout tries again where needed: a token of the second in which all sessions were
// ended may be from before that.
func (w *World) signInAfterALogout(v *Visitor) {
	w.Helper()
	first := true
	w.Eventually("a sign-in after the logout works", func() bool {
		page, asked := v.Authenticate(v.Begin("/account"), Alice)
		if first && !asked {
			w.Error("the next sign-in asks for no password")
		}
		first = false
		return page.Status == http.StatusOK && page.URL.Path == "/account"
	})
}

func signOutWithoutTheKey(w *World) {
	v := w.Visitor()
	v.SignIn(Alice, "/account")
	w.Provider.WithdrawKeys()
	page := v.SignOut()
	w.Logf("shown an ID token whose key is gone, the provider ends with %d at %s%s", page.Status, page.URL.Host,
		page.URL.Path)
	if v.SignedIn() || w.Count(`SELECT count(*) FROM sessions s WHERE live(s)`) != 0 {
		w.Error("the session goes on")
	}
	if warned := strings.Contains(v.Visit("/signed-out").Body,
		stillAtProvider); warned == (page.URL.Path == "/signed-out") {
		w.Errorf("the sign-out ends at %s, and says that the provider may still know them: %t", page.URL, warned)
	}
	if !v.SignIn(Alice, "/account") {
		w.Error("the next sign-in asks for no password")
	}
}
