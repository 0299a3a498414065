package e2e

import "testing"

func TestSigningOutAnotherDeviceTellsItWhy(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v, other := newShopper(t, s), newShopper(t, s)
	v.comesIn(alice)
	other.comesIn(alice)
	v.presses("Your account: Alice Ambrose")
	v.presses("Where you are signed in")
	v.isAt("/account/devices")
	v.presses("Sign out everywhere else")
	v.isAt("/account/devices")
	v.sees("You are signed in nowhere else.")
	v.isSignedIn(true, "0")

	other.presses("Orders")
	other.isAt("/login")
	other.isSignedIn(false, "")
	other.notices("ended", "You were signed out here from another of your devices, or by the shop.")
}

func TestEndingADeviceLongAfterSigningInAsksForThePasswordFirst(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v, other := newShopper(t, s), newShopper(t, s)
	other.isSignedInAs(alice)
	v.isSignedInAs(alice)
	s.change("UPDATE sessions SET auth_time = auth_time - interval '10 minutes'")
	v.opens("/account/devices")
	v.presses("Sign out everywhere else")
	v.isAt("/login")
	v.sees("Confirm it's you", "until then nothing is done")
	other.opens("/orders")
	other.isSignedIn(true, "0")
	v.presses("Continue")
	v.sees("The shop asks for your password once more.")
	v.holds("E-mail address", alice.email)
	v.proves(alice)
	v.sees("Thank you, it is you. One more click and it is done.")
	v.presses("Sign out everywhere else")
	v.isAt("/account/devices")
	v.sees("You are signed in nowhere else.")
	other.opens("/orders")
	other.isAt("/login")
}

func TestBeingSignedOutByTheProviderIsTold(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.isSignedInAs(alice)
	v.puts("typist")
	if n, err := s.provider.EndSessions(t.Context(), alice.email); n != 1 || err != nil {
		t.Fatalf("the provider ended %d sessions: %v", n, err)
	}
	v.presses("Orders")
	v.isAt("/login")
	v.notices("ended", "You were signed out here because you signed out at the sign-in service.")
	v.signsIn(alice)
	v.isAt("/orders")
	v.isSignedIn(true, "1")
}
