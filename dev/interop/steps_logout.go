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
func (f *Fixture) wantAnswers(want ...int) {
	f.Helper()
	var got []int
	f.Eventually("the logout tokens arrive", func() bool {
		got = append(got, f.mailbox.take()...)
		return len(got) >= len(want)
	})
	if !slices.Equal(got, want) {
		f.Errorf("the shop answered %d to the logout tokens, want %d", got, want)
	}
}

func signOutEndsBoth(f *Fixture) { // OIDC RP-Initiated Logout 1.0
	v := f.Visitor()
	v.SignIn(Alice, "/account")
	v.Add(Thing)
	tag := v.Tag()
	page := v.SignOut()
	if page.URL.Path != "/signed-out" || page.Status != http.StatusOK || strings.Contains(page.Body, stillAtProvider) {
		f.Errorf("the sign-out ends with %d at %s", page.Status, page.URL)
	}
	f.wantAnswers(http.StatusOK) // the session it names has ended already (Back-Channel Logout 1.0, 2.7)
	if v.SignedIn() || v.CartCount() != 0 || v.Tag() == tag {
		f.Error("the next visitor in this browser sees something of the last")
	}
	if n := f.Count(`SELECT count(*) FROM sessions WHERE ended_reason = 'signed_out'`); n != 1 {
		f.Errorf("%d sessions ended by a sign-out, want 1", n)
	}
	if !v.SignIn(Alice, "/account") {
		f.Error("the next sign-in asks for no password")
	}
	if n := v.CartCount(); n != 1 {
		f.Errorf("%d things in the cart, want the one from before", n)
	}
}

// signOutThereEndsItHere signs out at the provider's own page, without the shop.
func signOutThereEndsItHere(f *Fixture) { // Back-Channel Logout 1.0
	v := f.Visitor()
	v.SignIn(Alice, "/account")
	endSession := f.metadata().EndSession
	page := v.leave(endSession + "?" +
		url.Values{"client_id": {"shop"}, "post_logout_redirect_uri": {f.Place.SignedOut()}}.Encode())
	if page.Status != http.StatusOK {
		f.Errorf("the provider answers %d at %s:\n%s", page.Status, page.URL, page.Body)
	}
	f.wantAnswers(http.StatusOK)
	if n := f.Count(`SELECT count(*) FROM sessions WHERE ended_reason = 'back_channel'`); n != 1 || v.SignedIn() {
		f.Errorf("%d sessions ended by the provider, want 1", n)
	}
	if !v.SignIn(Alice, "/account") {
		f.Error("the next sign-in asks for no password")
	}
}

func oneOfTwoEnds(f *Fixture) { // Back-Channel Logout 1.0, by sid
	laptop, phone := f.Visitor(), f.Visitor()
	laptop.SignIn(Alice, "/account")
	phone.SignIn(Alice, "/account")
	f.Provider.EndSession(laptop.SID())
	f.wantAnswers(http.StatusOK)
	if why := laptop.EndedBy(); why != "back_channel" {
		f.Errorf("the laptop: got reason %q, want back_channel", why)
	}
	if !phone.SignedIn() {
		f.Fatal("the phone is signed out, too")
	}
	sid := phone.SID()
	f.Change(`DELETE FROM sessions WHERE provider_sid = $1`, sid)
	f.Provider.EndSession(sid)
	f.wantAnswers(http.StatusOK) // there is no such session (2.7)
	if !laptop.SignIn(Alice, "/account") {
		f.Error("the next sign-in asks for no password")
	}
}

func allOfACustomerEnd(f *Fixture) { // Back-Channel Logout 1.0, by sid each or by sub
	laptop, phone, bob := f.Visitor(), f.Visitor(), f.Visitor()
	laptop.SignIn(Alice, "/account")
	phone.SignIn(Alice, "/account")
	bob.SignIn(Bob, "/account")
	f.Provider.EndCustomer(Alice)
	f.Eventually("both sessions end", func() bool {
		return f.Count(`SELECT count(*) FROM sessions WHERE ended_reason = 'back_channel'`) == 2
	})
	if answers := f.mailbox.take(); slices.ContainsFunc(answers,
		func(status int) bool { return status != http.StatusOK }) {
		f.Errorf("the shop answered %d", answers)
	} else {
		f.Logf("%d logout tokens", len(answers))
	}
	if a, b := laptop.EndedBy(), phone.EndedBy(); a != "back_channel" || b != "back_channel" {
		f.Errorf("reasons: got %q and %q, want back_channel", a, b)
	}
	if !bob.SignedIn() {
		f.Error("somebody else is signed out, too")
	}
	f.signInAfterALogout(laptop)
}

// signInAfterALogout tries again where needed: a token of the second in which all sessions were
// ended may be from before that.
func (f *Fixture) signInAfterALogout(v *Visitor) {
	f.Helper()
	first := true
	f.Eventually("a sign-in after the logout works", func() bool {
		page, asked := v.Authenticate(v.Begin("/account"), Alice)
		if first && !asked {
			f.Error("the next sign-in asks for no password")
		}
		first = false
		return page.Status == http.StatusOK && page.URL.Path == "/account"
	})
}

func signOutWithoutTheKey(f *Fixture) {
	v := f.Visitor()
	v.SignIn(Alice, "/account")
	f.Provider.WithdrawKeys()
	page := v.SignOut()
	f.Logf("shown an ID token whose key is gone, the provider ends with %d at %s%s", page.Status, page.URL.Host,
		page.URL.Path)
	if v.SignedIn() || f.Count(`SELECT count(*) FROM sessions s WHERE live(s)`) != 0 {
		f.Error("the session goes on")
	}
	if warned := strings.Contains(v.Visit("/signed-out").Body,
		stillAtProvider); warned == (page.URL.Path == "/signed-out") {
		f.Errorf("the sign-out ends at %s, and says that the provider may still know them: %t", page.URL, warned)
	}
	if !v.SignIn(Alice, "/account") {
		f.Error("the next sign-in asks for no password")
	}
}
