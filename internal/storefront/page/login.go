package page

import "strings"

// Failure is what went wrong with the last sign-in.
type Failure string

// The failures of a sign-in; the zero value is none.
const (
	NoFailure       Failure = ""
	ProviderDown    Failure = "provider-down" // the provider (or the store) cannot be reached: 503
	SignInCancelled Failure = "cancelled"     // the customer turned back at the provider
	NotAdmitted     Failure = "not-admitted"  // the provider does not let this customer use the shop
	SignInExpired   Failure = "expired"       // the customer took longer at the provider than it waits
	// a reauthentication for which the provider does not prove that it asked
	NotConfirmed Failure = "not-confirmed"
	// a new account was asked for, and the provider answered for somebody it knew, or with an error
	NotCreated            Failure = "not-created"
	SignInRefused         Failure = "refused"                   // the provider's answer failed a check
	CustomerDisabled      Failure = "customer-disabled"         // the shop refuses this customer
	StaleAuthentication   Failure = "stale-authentication"      // sessions were revoked after the provider last asked
	SignedOutDuringSignIn Failure = "signed-out-during-sign-in" // signed out, here or at the provider, during the sign-in
	AttemptMissing        Failure = "attempt-missing"           // expired, or begun in another browser
	AttemptRepeated       Failure = "attempt-repeated"          // the provider's answer was used before (reload, Back)
)

// Login is the page before the sign-in: what happens next, and a button for it (POST /login).
type Login struct {
	Layout
	// ReturnTo is the checked local path the sign-in leads back to; empty: the home page.
	ReturnTo string
	// Ended is set when the visitor was signed in, and says why they no longer are.
	Ended *Ended
	// Failure is set when the last sign-in did not work.
	Failure Failure
	// CreatesAccounts: the provider has a page for those who are new (POST /login with create).
	CreatesAccounts bool
}

func (*Login) template() string { return "login" }

// FromCheckout reports whether the sign-in leads to the checkout, where nothing may be
// added to the order on screen.
func (l *Login) FromCheckout() bool { return strings.HasPrefix(l.ReturnTo, "/checkout") }

// Destination names the page the sign-in leads back to; empty where a name would say little.
func (l *Login) Destination() string {
	path, _, _ := strings.Cut(l.ReturnTo, "?")
	switch {
	case l.FromCheckout():
		return "the checkout"
	case path == "/cart":
		return "your cart"
	case strings.HasPrefix(path, "/orders"):
		return "your orders"
	case strings.HasPrefix(path, "/account"):
		return "your page"
	case strings.HasPrefix(path, "/products/"):
		return "the product you were looking at"
	}
	return ""
}

// Redirect leads on to the provider immediately. It is a page because Chromium applies a form's
// form-action to every redirect that follows the form, and a provider may pass the browser on to
// origins the shop does not know.
type Redirect struct {
	Layout
	// To is an absolute http or https address, or a local path.
	To string
	// SigningOut: the session here has ended, and the provider's comes next.
	SigningOut bool
}

func (*Redirect) template() string { return "redirect" }

// Local reports whether the page leads to one of the shop's own.
func (p *Redirect) Local() bool { return strings.HasPrefix(p.To, "/") }

// SignInProblem says why a sign-in was not finished, which the callback leads to: nothing has
// changed, and one button tries again.
type SignInProblem struct {
	Layout
	Failure  Failure
	ReturnTo string
	// SafariHint: the shop sets Secure cookies over plain http, which Safari does not keep.
	SafariHint bool
	// CreatesAccounts: the provider has a page for those who are new (POST /login with create).
	CreatesAccounts bool
}

func (*SignInProblem) template() string { return "sign-in-problem" }

// SignedOut is where a sign-out ends, and where a customer who was signed out learns why.
type SignedOut struct {
	Layout
	// Ended is nil when the customer pressed "Sign out".
	Ended *Ended
	// StillAtProvider: the provider has not confirmed our sign-out, so it may still know the customer.
	StillAtProvider bool
}

func (*SignedOut) template() string { return "signed-out" }
