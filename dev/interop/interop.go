// Package interop tests the whole shop against any OpenID provider: one table of
// steps for all of them.
//
// Each step has its own shop on a fresh database, started as in production, and browsers that
// keep cookies, fill in forms and follow redirects. A test says how its provider is started and
// what an operator can do there, and calls Run.
package interop

import (
	"net/url"
	"testing"
)

// Place is where the parts of an interop run are, settled before the provider starts.
type Place struct {
	Provider    string // the origin under which browser and shop reach the provider: http, on a separate port
	Shop        string // the origin of the shop
	Backchannel string // where logout tokens go: an address that needs no name service
}

// Callback is where the provider sends browsers back to after a sign-in.
func (p Place) Callback() string { return p.Shop + "/auth/callback" }

// SignedOut is where it sends them back to after a sign-out.
func (p Place) SignedOut() string { return p.Shop + "/signed-out" }

// Provider is one that runs, with the shop as its client and the demo customers. Its functions fail
// the test when they cannot do what they say.
type Provider struct {
	Issuer  string     // below the place's origin
	Address string     // host:port where it really listens; requests to the place's origin are forwarded there
	Email   string     // the name of the e-mail field on its login page
	Confirm url.Values // what the button on its sign-out page sends
	Client  []string   // settings by which the shop authenticates, each NAME=value; its usual secret when empty

	RotateKeys   func()             // a new key signs from now on; what the last one signed still verifies
	WithdrawKeys func()             // a new key signs from now on; what all others signed no longer verifies
	EndSession   func(sid string)   // ends one session as an operator does, and notifies the shop
	EndCustomer  func(email string) // ends all sessions of one person, and notifies the shop
}

// Start starts a provider for one step, which ends with t. It may be one that runs already.
type Start func(t *testing.T, at Place) Provider

// steps are what every provider and the shop must be able to do together.
var steps = []struct {
	name string
	run  func(*Fixture)
}{
	{"a sign-in brings the cart along and changes the tag", signInBringsTheCart},
	{"a second sign-in asks for no password", signInAgainAsksForNothing},
	{"ending other devices waits for a reauthentication", endingDevicesNeedsReauthentication},
	{"an operator ends a customer's sessions", operatorEndsSessions},
	{"a deleted customer comes again as somebody new", customerDeleted},
	{"a sign-out ends both sessions and leads back", signOutEndsBoth},
	{"a sign-out at the provider ends the session here", signOutThereEndsItHere},
	{"the provider ends one of two sessions", oneOfTwoEnds},
	{"the provider ends all sessions of a customer", allOfACustomerEnd},
	{"the provider is away while people shop", providerAway},
	{"the provider changes its keys twice", keysChangeTwice},
	{"a sign-out holds though the ID token's key is gone", signOutWithoutTheKey},
}

// Run runs every step in turn.
func Run(t *testing.T, start Start) {
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) { step.run(Open(t, start)) })
	}
}
